import type { Certificate } from '../../domain/certificates/certificate.ts';
import type { CertificateId, OcspResponse } from '../../domain/revocation/ocsp-response.ts';
import type { Decision } from '../../domain/shared/decision.ts';
import type { RefusalOf } from '../../domain/shared/refusal-of.ts';
import { token } from '../token.ts';

/**
 * Writes requests for OCSP responders, and turns their answers into values that can be judged (RFC 6960 §4).
 *
 * - Strict (D-18): whatever breaks DER or the syntax of RFC 6960 §4.2 is refused, never repaired and never skipped.
 * - Bounded: at most 64 KiB, 100 answers and 10 certificates.
 * - Synchronous; never throws for what the bytes are.
 */
export interface OcspMessages {
  question(serialNumber: string, issuer: Certificate): OcspQuestion;
  read(bytes: Uint8Array): Decision<ReadResponse, RefusalOf<'ocsp.unreadable' | 'ocsp.not-successful'>>;
}

export interface OcspQuestion {
  /** DER: one certificate, named by SHA-1, which every responder knows, and a nonce (RFC 9654) that nobody foresees. */
  readonly request: Uint8Array;
  /** How an answer may name the certificate. The first is that of the request. */
  readonly ids: readonly CertificateId[];
  /** Lower-case hex. */
  readonly nonce: string;
}

export interface ReadResponse {
  readonly response: OcspResponse;
  /** Whether the responderID means this certificate, by its subject or by its key (RFC 6960 §4.2.2.3). */
  isBy(certificate: Certificate): boolean;
  /** Whether the key of `signer` made the signature, and nothing else. The caller has bounded the key (`isAcceptedKey`). */
  verifies(signer: Certificate): boolean;
}

export const OcspMessages = token<OcspMessages>('OcspMessages');
