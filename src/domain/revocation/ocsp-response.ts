import type { SignatureAlgorithm } from '../certificates/certificate.ts';
import type { RevocationReason } from './revocation.ts';

/** How OCSP names a certificate (RFC 6960 §4.1.1): hashes of its issuer's name and key, in lower-case hex, and its serial number as in `Certificate`. */
export interface CertificateId {
  readonly hash: 'sha1' | 'sha256' | 'other';
  readonly issuerName: string;
  readonly issuerKey: string;
  readonly serialNumber: string;
}

export const isSameId = (a: CertificateId, b: CertificateId): boolean =>
  a.hash === b.hash && a.hash !== 'other' && a.issuerName === b.issuerName && a.issuerKey === b.issuerKey && a.serialNumber === b.serialNumber;

/** What a response says of one certificate (RFC 6960 §4.2.1, SingleResponse). */
export interface SingleAnswer {
  readonly id: CertificateId;
  readonly status: 'good' | 'revoked' | 'unknown';
  /** Where it is revoked. */
  readonly revoked?: { readonly reason: RevocationReason; readonly since: Date };
  readonly thisUpdate: Date;
  readonly nextUpdate?: Date;
  /** OIDs of critical extensions that nobody here understands. */
  readonly unknownCritical: readonly string[];
}

/** A basic OCSP response as an `OcspMessages` read it: strict DER, every field within its syntax (RFC 6960 §4.2), nothing judged yet. */
export interface OcspResponse {
  readonly signature: SignatureAlgorithm;
  readonly producedAt: Date;
  /** Lower-case hex, where the responder gave one back. */
  readonly nonce?: string;
  readonly answers: readonly SingleAnswer[];
  readonly unknownCritical: readonly string[];
  /** DER of the certificates that came along. */
  readonly certificates: readonly Uint8Array[];
}
