import type { AuditEntry } from '../../domain/audit/audit-entry.ts';
import type { Fingerprint, Thumbprint } from '../../domain/certificates/certificate.ts';
import type { NameKey } from '../../domain/certificates/distinguished-name.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { TrustAnchor } from '../../domain/trust/trust-anchor.ts';
import { token } from '../token.ts';
import type { Page, PageRequest } from '../page.ts';

/**
 * Remembers which CA certificates each tenant trusts.
 *
 * - A tenant has a certificate once, however many `add` calls race for it. Two tenants may have the same certificate: whether they
 *   may is decided above (D-6), and `atEpoch` makes that decision safe.
 * - `add` with an `atEpoch` that is no longer `AdmissionEpoch.current()` adds nothing and says so: somebody changed trust since the caller looked.
 * - Every change that took effect moves `AdmissionEpoch` in the same transaction.
 * - Disabled and inert anchors are found like others. Whether they count is not this port's question.
 * - What is read after a write resolved includes it: no adapter caches past a write, its own or another process's.
 * - A resolved write is durable: synced to disk or committed by the database server (D-13).
 * - Anchors come back equal to what was added, the certificate read anew from its DER.
 * - `audit`: entries that are kept in the same write, if and only if the change takes effect (see `AuditTrail`).
 * - A rejected promise means the store is out of order, never "no".
 */
export interface TrustAnchorStore {
  /** Never overwrites: an anchor the tenant already has stays as it is. */
  add(anchor: TrustAnchor, atEpoch: number, audit?: readonly AuditEntry[]): Promise<'added' | 'already-there' | 'trust-moved'>;

  /** Every tenant's anchors whose subject is among `names`, in no promised order. No names, no anchors. */
  findNamed(names: readonly NameKey[]): Promise<readonly TrustAnchor[]>;

  /** Every tenant's anchors whose issuer is among `names`, in no promised order. */
  findIssuedBy(names: readonly NameKey[]): Promise<readonly TrustAnchor[]>;

  /** Every tenant's anchors with exactly this certificate. */
  findSame(thumbprint: Thumbprint): Promise<readonly TrustAnchor[]>;

  /** One anchor of one tenant. */
  find(tenant: TenantId, fingerprint: Fingerprint): Promise<TrustAnchor | undefined>;

  /** One tenant's anchors, oldest first (then by fingerprint); an unknown tenant has none. */
  listOf(tenant: TenantId, page: PageRequest): Promise<Page<TrustAnchor>>;

  /**
   * Changes what is given, leaves the rest, and returns the anchor as it is now; undefined when there is none, or, with `former`, none
   * that still is as `former` says.
   */
  change(tenant: TenantId, fingerprint: Fingerprint, change: AnchorChange, former?: AnchorState, audit?: readonly AuditEntry[]): Promise<TrustAnchor | undefined>;

  /** Returns whether there was one to remove, with `former` one that still is as `former` says. */
  remove(tenant: TenantId, fingerprint: Fingerprint, former?: AnchorState, audit?: readonly AuditEntry[]): Promise<boolean>;
}

/** What of an anchor can change. */
export type AnchorState = Pick<TrustAnchor, 'name' | 'status' | 'autoRegistration' | 'inert' | 'possessionProven'>;
export type AnchorChange = Partial<AnchorState & Pick<TrustAnchor, 'possessionCode' | 'lastDisabledAt'>>;

export const TrustAnchorStore = token<TrustAnchorStore>('TrustAnchorStore');
