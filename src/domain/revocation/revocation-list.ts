import type { Certificate, Thumbprint } from '../certificates/certificate.ts';
import type { DistinguishedName } from '../certificates/distinguished-name.ts';
import type { ListScope } from './list-scope.ts';
import { REVOCATION_REASONS, type RevocationReason } from './revocation.ts';

const NAMES = Object.keys(REVOCATION_REASONS) as RevocationReason[];

/**
 * A certificate revocation list as a `RevocationListReader` read it: strict DER, every field and entry within its syntax (RFC 5280 §5),
 * nothing judged yet. Its entries are not here: there may be a million.
 */
export interface RevocationList extends Pick<Certificate, 'signature' | 'signatureAlgorithmsAgree' | 'authorityKeyIdentifier'> {
  /** SHA-256 of its DER. */
  readonly thumbprint: Thumbprint;
  /** 1 or 2. */
  readonly version: number;
  readonly signatureBytes: number;
  readonly issuer: DistinguishedName;
  readonly thisUpdate: Date;
  readonly nextUpdate?: Date;
  /** CRLNumber; never negative. */
  readonly number?: bigint;
  /** The number of the list that this one only adds to, and takes from (RFC 5280 §5.2.4). */
  readonly deltaOf?: bigint;
  readonly scope: ListScope;
  readonly entries: number;
  /** OIDs of critical extensions of the list, or of an entry, that nobody here understands. */
  readonly unknownCritical: readonly string[];
}

/** One certificate that a list names. */
export interface ListedCertificate {
  /** As in `Certificate`: lower-case hex without leading zeros. A number that no certificate may have begins with `-` or is empty. */
  readonly serialNumber: string;
  readonly since: Date;
  readonly reason: ListReason;
}

/** removeFromCRL stands in deltas only, and takes an entry back. */
export type ListReason = RevocationReason | 'removeFromCRL';

/** By its number (RFC 5280 §5.3.1); the seventh has no meaning. */
export const LIST_REASONS: readonly (ListReason | undefined)[] = Array.from({ length: 11 }, (_, code) =>
  code === 8 ? 'removeFromCRL' : NAMES.find((name) => REVOCATION_REASONS[name] === code),
);
