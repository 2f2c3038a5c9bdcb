import type { Certificate } from '../../domain/certificates/certificate.ts';
import { token } from '../token.ts';

/**
 * Says whether the key of one certificate made the signature of another (RFC 5280 §6.1.3 (a)(1)), or of a text.
 *
 * - Judges the signature alone: names, dates and rights are not its question.
 * - Synchronous and pure; `false` for every algorithm or key it cannot verify, and for every defect. Never throws.
 * - The caller has bounded the size of the key (`isAcceptedKey`) before it asks.
 */
export interface SignatureVerifier {
  verifies(child: Certificate, issuer: Certificate): boolean;

  /**
   * Whether the key of `signer` made `signature` over the UTF-8 bytes of `text`: RSA with PKCS#1 v1.5 and SHA-256, ECDSA in DER with SHA-256,
   * or Ed25519, by the kind of the key.
   */
  signedText(text: string, signature: Uint8Array, signer: Certificate): boolean;
}

export const SignatureVerifier = token<SignatureVerifier>('SignatureVerifier');
