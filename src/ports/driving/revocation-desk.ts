import type { Refusal } from '../../domain/refusal.ts';
import type { Revocation } from '../../domain/revocation/revocation.ts';
import type { Decision } from '../../domain/shared/decision.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { Page, PageRequest } from '../page.ts';
import { token } from '../token.ts';

/**
 * Where a tenant's operators say which certificates are revoked, and see what they said (D-40 to D-42).
 *
 * - When a promise resolves, what it says is in force: sessions of such certificates are ended, their tokens dead, and they are refused.
 * - A revocation is for good: there is no way to take it back. A hold can be released.
 * - Saying again what was said already changes nothing, and ends whatever session there still is.
 * - A moment to come counts as now.
 */
export interface RevocationDesk {
  revoke(tenant: TenantId, wish: RevocationWish, by: string): Promise<Decision<Revoked, Refusal>>;
  /** Many serial numbers of any issuer: all of them, or none and why. At most `MOST_AT_ONCE`. */
  revokeAll(tenant: TenantId, serials: readonly RevokedSerial[], by: string): Promise<Decision<RevokedAll, Refusal>>;
  hold(tenant: TenantId, wish: RevocationWish, by: string): Promise<Decision<Revoked, Refusal>>;
  /** What `revoke` or `hold`, and `revokeAll`, would say, refused as they would be. Nothing is said yet: it is looked at beforehand (D-57). */
  plan(tenant: TenantId, source: OperatorSource, wish: RevocationWish, by: string): Promise<Decision<Revocation, Refusal>>;
  planAll(tenant: TenantId, serials: readonly RevokedSerial[], by: string): Promise<Decision<readonly Revocation[], Refusal>>;
  /** Releases every hold that means this certificate. Refused where none does. */
  release(tenant: TenantId, choice: CertificateChoice, by: string): Promise<Decision<Released, Refusal>>;
  /** What operators said, newest first. */
  list(tenant: TenantId, sources: readonly OperatorSource[], page: PageRequest): Promise<Page<Revocation>>;
  /** The same as a signed CRL (RFC 5280 §5) in DER, entries that name a fingerprint only left out. */
  signedList(tenant: TenantId): Promise<Uint8Array>;
  /** The certificate, in DER, whose key signs it. */
  listSigner(tenant: TenantId): Promise<Uint8Array>;
}

export type OperatorSource = 'manual' | 'hold';

/** Which certificate is meant: by exactly one of serial number, fingerprint and the certificate itself. */
export interface CertificateChoice {
  /** Hex, as people write it. */
  readonly serialNumber?: string;
  /** Fingerprint of the certificate of the CA that issued it, which the tenant trusts; beside a serial number only. Without it: any. */
  readonly issuer?: string;
  /** SHA-1 of the DER; of a certificate that was seen, SHA-256 too. */
  readonly fingerprint?: string;
  /** PEM, or base64 of the DER. */
  readonly certificate?: string;
}

export interface RevocationWish extends CertificateChoice {
  /** Of RFC 5280 §5.3.1; without one: unspecified, and certificateHold for a hold. */
  readonly reason?: string;
  readonly since?: Date;
  readonly note?: string;
}

export interface RevokedSerial {
  readonly serialNumber: string;
  readonly since?: Date;
}

export interface Revoked {
  /** As it is now: the earlier one, where it was said before. */
  readonly revocation: Revocation;
  readonly isNew: boolean;
  readonly sessionsEnded: number;
}

export interface RevokedAll {
  readonly added: number;
  readonly sessionsEnded: number;
}

export interface Released {
  readonly released: readonly Revocation[];
  /** Something else still says that it is revoked. */
  readonly isStillRevoked: boolean;
}

export const RevocationDesk = token<RevocationDesk>('RevocationDesk');
