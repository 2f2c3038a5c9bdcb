import type { KnownCertificate, Wanted } from '../../domain/revocation/responder-answer.ts';
import { token } from '../token.ts';

/**
 * Asks OCSP responders in the background. Never on the way of a device.
 *
 * - `want` returns at once, never throws, and asks each certificate once, however often it is wanted; what is beyond its bounds is left out, and
 *   wanted again by the next connection.
 * - Two questions at a time go to the responders of one CA, 16 in all. One that fails is left alone for 5 seconds, then longer and longer, up to 5 minutes.
 * - When an answer takes trust away, sessions have ended before anything else is done; tokens are dead with its write.
 * - What a responder leaves unsaid changes nothing: the last good answer stays, and the rule says for how long.
 */
export interface ResponderAsking {
  want(wanted: readonly Wanted[]): void;
  /** Takes up what is due, and resolves when it is under way; with a signal that was given, when nothing is under way any more. Never rejects. */
  round(signal?: AbortSignal): Promise<void>;
  /** Asks at once, and resolves with what is known then. */
  askNow(known: KnownCertificate): Promise<KnownCertificate>;
}

export const ResponderAsking = token<ResponderAsking>('ResponderAsking');
