import type { Decision } from '../../domain/shared/decision.ts';
import type { RefusalOf } from '../../domain/shared/refusal-of.ts';
import { token } from '../token.ts';
import type { ListQuestion } from './list-source.ts';

/**
 * Asks OCSP responders that an operator named, and nobody else (RFC 6960 §A.1, by POST).
 *
 * - The promises of `ListSource`: http and https, bounded in bytes, time and redirects; no credentials; redirects away from the named hosts lead
 *   to public addresses only. Of devices it tells the hashes and serial number of the request.
 * - Never rejects: what went wrong is a refusal with a reason for operators.
 */
export interface ResponderSource {
  ask(question: ListQuestion & { readonly request: Uint8Array }): Promise<Decision<Uint8Array, RefusalOf<'ocsp.not-asked'>>>;
}

export const ResponderSource = token<ResponderSource>('ResponderSource');
