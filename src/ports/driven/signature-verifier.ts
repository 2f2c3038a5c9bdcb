import type { Certificate } from '../../domain/certificates/certificate.ts';
import { token } from '../token.ts';

/**
 * Says whether the key of one certificate made the signature of another (RFC 5280 §6.1.3 (a)(1)).
 *
 * - Judges the signature alone: names, dates and rights are not its question.
 * - Synchronous and pure; `false` for every algorithm or key it cannot verify, and for every defect. Never throws.
 * - The caller has bounded the size of the key (`isAcceptedKey`) before it asks.
 */
export interface SignatureVerifier {
  verifies(child: Certificate, issuer: Certificate): boolean;
}

export const SignatureVerifier = token<SignatureVerifier>('SignatureVerifier');
