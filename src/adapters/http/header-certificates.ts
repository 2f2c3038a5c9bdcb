import type { IncomingHttpHeaders } from 'node:http';
import type { AnchorRefusalCode } from '../../domain/refusals/codes.ts';
import { grant, type Decision } from '../../domain/shared/decision.ts';
import type { RefusalOf } from '../../domain/shared/refusal-of.ts';
import type { UploadDecoder } from '../../ports/driven/upload-decoder.ts';

/**
 * The certificates that a header brings: PEM, each newline replaced by a space, with spaces or commas between the blocks; none where the header
 * is missing or blank. Sent more than once, Node joins the values by commas.
 */
export function headerCertificates(
  headers: IncomingHttpHeaders,
  name: string,
  decoder: UploadDecoder,
): Decision<readonly Uint8Array[], RefusalOf<AnchorRefusalCode>> {
  const value = String(headers[name] ?? '').replaceAll(',', ' ').trim();
  return value === '' ? grant([]) : decoder.decode(value);
}
