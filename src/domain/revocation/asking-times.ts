import type { Refusal } from '../refusal.ts';
import type { KnownCertificate, ResponderAnswer } from './responder-answer.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

/** However long an answer counts, there may be news after so long; and however short, nobody is asked more often. */
const REFRESH = { least: 30 * SECOND, most: 24 * HOUR } as const;
const AGAIN = { first: 30 * SECOND, most: HOUR } as const;
const REST = { first: 5 * SECOND, most: 300 * SECOND } as const;

/** When a certificate is asked about again after an answer: before that ends, each at a moment of its own, so that a fleet does not come at once. */
export function refreshAt({ fingerprint }: Pick<KnownCertificate, 'fingerprint'>, { freshUntil, receivedAt }: ResponderAnswer): Date {
  const life = freshUntil.getTime() - receivedAt.getTime();
  const part = 0.6 + (0.2 * parseInt(fingerprint.slice(-4), 16)) / 0xffff;
  return new Date(receivedAt.getTime() + Math.min(REFRESH.most, Math.max(REFRESH.least, life * part)));
}

/** What is known after an answer came. */
export const answered = ({ problem: _, ...known }: KnownCertificate, answer: ResponderAnswer): KnownCertificate => ({ ...known, answer, failures: 0, askAt: refreshAt(known, answer) });

/** What is known after none came: the last answer stays, and the next question is put off longer and longer. */
export const unanswered = (known: KnownCertificate, problem: Refusal['code'], at: Date): KnownCertificate => ({
  ...{ ...known, problem, failures: known.failures + 1 },
  askAt: new Date(at.getTime() + Math.min(AGAIN.most, AGAIN.first * 2 ** Math.min(known.failures, 10))),
});

/** For how long a responder that failed so often in a row is left alone. */
export const restAfter = (failures: number): number => Math.min(REST.most, REST.first * 2 ** Math.min(failures - 1, 10));
