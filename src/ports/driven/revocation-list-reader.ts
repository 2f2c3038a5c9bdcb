import type { Certificate } from '../../domain/certificates/certificate.ts';
import type { ListRefusalCode } from '../../domain/refusals/codes.ts';
import type { ListedCertificate, RevocationList } from '../../domain/revocation/revocation-list.ts';
import type { Decision } from '../../domain/shared/decision.ts';
import type { RefusalOf } from '../../domain/shared/refusal-of.ts';
import { token } from '../token.ts';

/**
 * Turns the bytes of a certificate revocation list, DER or one PEM block, into a list that can be judged.
 *
 * - Strict (D-18): whatever breaks DER or the syntax of RFC 5280 §5 is refused, wherever in the list, never repaired and never skipped.
 * - Bounded: at most 64 MiB and 1,000,000 entries; no object is kept per entry.
 * - Never holds the event loop for more than 5 ms at a time, whatever the bytes.
 * - Never rejects for what the bytes are. The caller leaves the bytes alone while the list is in use.
 */
export interface RevocationListReader {
  read(upload: Uint8Array): Promise<Decision<ReadList, RefusalOf<ListRefusalCode>>>;
}

export interface ReadList {
  readonly list: RevocationList;
  /** What stands behind the PEM block, empty for DER: certificates of the issuer may be there, and are not looked at here. */
  readonly behind: Uint8Array;
  /** Whether the key of `issuer` made the list's signature, and nothing else. The caller has bounded the key (`isAcceptedKey`). */
  verifies(issuer: Certificate): Promise<boolean>;
  /** Every entry in the order of the list, some hundreds at a time; between two batches others have their turn. */
  entries(): AsyncIterable<readonly ListedCertificate[]>;
}

export const RevocationListReader = token<RevocationListReader>('RevocationListReader');
