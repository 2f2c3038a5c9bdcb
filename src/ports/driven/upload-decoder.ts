import type { AnchorRefusalCode } from '../../domain/refusals/codes.ts';
import type { Decision } from '../../domain/shared/decision.ts';
import type { RefusalOf } from '../../domain/shared/refusal-of.ts';
import { token } from '../token.ts';

/**
 * Finds the DER certificates in what people upload: PEM blocks (newlines or none, CRLF, byte order mark, text between the blocks refused),
 * bare base64 with or without line breaks, or DER. PKCS#7, PKCS#12, keys and requests are refused by name.
 *
 * - A private key anywhere in the upload refuses it whole; it is neither stored, logged nor returned.
 * - Looks at the wrapping only: what is inside is the `CertificateReader`'s question. Never throws.
 */
export interface UploadDecoder {
  /** In the order of the upload, never empty. */
  decode(upload: string | Uint8Array): Decision<readonly Uint8Array[], RefusalOf<AnchorRefusalCode>>;
}

export const UploadDecoder = token<UploadDecoder>('UploadDecoder');
