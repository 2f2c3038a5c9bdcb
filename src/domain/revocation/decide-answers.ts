import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { Evidence, RefusalOf } from '../shared/refusal-of.ts';
import type { KnownCertificate, ResponderRule } from './responder-answer.ts';
import type { RevocableCertificate } from './revocation.ts';

export type AnswersRefusal = RefusalOf<'revocation.ocsp-missing' | 'revocation.ocsp-unknown' | 'revocation.ocsp-stale'>;

export interface AnswersQuestion {
  /** The certificates that can be revoked, leaf first. */
  readonly path: readonly RevocableCertificate[];
  /** What responders of the path's trusted CA said of them. */
  readonly known: readonly KnownCertificate[];
  /** Of that CA; undefined: its responders are not asked. */
  readonly rule: ResponderRule | undefined;
  readonly at: Date;
}

/** `warning`: what a hard rule refuses for, or will when answers get older by some hours. */
export type AnswersVerdict = Decision<{ readonly warning?: AnswersRefusal }, AnswersRefusal>;

const HOUR = 3_600_000;

/**
 * Did a responder answer for every certificate of a path, and lately enough? That one is revoked is not asked here. A soft rule refuses
 * nobody for what a responder leaves unsaid: it is recorded (D-53).
 */
export function decideAnswers({ path, known, rule, at }: AnswersQuestion): AnswersVerdict {
  if (!rule) return grant({});
  let warning: AnswersRefusal | undefined;
  // From the anchor down, as RFC 5280 §6.1 walks.
  for (const [depth, certificate] of [...path.entries()].reverse()) {
    const answer = known.find(({ fingerprint }) => fingerprint === certificate.fingerprint)?.answer;
    const evidence: Evidence = { serialNumber: certificate.serialNumber };
    const late = answer ? at.getTime() - answer.freshUntil.getTime() : 0;
    let lack: AnswersRefusal | undefined;
    if (!answer) lack = { code: 'revocation.ocsp-missing', depth, evidence };
    else if (answer.status === 'unknown') lack = { code: 'revocation.ocsp-unknown', depth, evidence: { ...evidence, from: answer.from } };
    else if (late > rule.acceptHours * HOUR) lack = { code: 'revocation.ocsp-stale', depth, evidence: { ...evidence, freshUntil: answer.freshUntil.toISOString() } };
    if (!lack) continue;
    const isWarning = !rule.hard || (lack.code === 'revocation.ocsp-stale' && late <= rule.refuseHours * HOUR);
    if (!isWarning) return refuse(lack);
    warning ??= lack;
  }
  return grant(warning ? { warning } : {});
}
