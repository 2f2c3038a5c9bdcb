import type { Certificate } from '../../domain/certificates/certificate.ts';
import type { ChainRefusalCode } from '../../domain/refusals/codes.ts';
import type { Decision } from '../../domain/shared/decision.ts';
import type { RefusalOf } from '../../domain/shared/refusal-of.ts';
import { token } from '../token.ts';

/**
 * Turns DER into a `Certificate`.
 *
 * - Strict (D-18): whatever is not exactly one DER value, or breaks the syntax of RFC 5280 §4.1, is refused, never repaired.
 * - Pure and synchronous: the same bytes give the same answer, for ever.
 * - Bounded: time and memory grow with the length of the input only. The caller has bounded that.
 * - Never throws, whatever the bytes.
 */
export interface CertificateReader {
  read(der: Uint8Array): Decision<Certificate, RefusalOf<ChainRefusalCode>>;
}

export const CertificateReader = token<CertificateReader>('CertificateReader');
