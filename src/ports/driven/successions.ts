import type { AuditEntry } from '../../domain/audit/audit-entry.ts';
import type { Fingerprint } from '../../domain/certificates/certificate.ts';
import type { Succession } from '../../domain/impact/rollover.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import { token } from '../token.ts';

/**
 * Remembers which CA of a tenant is to follow which.
 *
 * - A CA has one successor at most: setting another replaces it.
 * - Whether the two are trusted is not this port's question: a link stays when one of them is removed.
 * - `audit`: entries that are kept in the same write, if and only if the change takes effect (see `AuditTrail`).
 * - A resolved write is durable, and every read after it sees it. A rejected promise means the store is out of order.
 */
export interface Successions {
  set(succession: Succession, audit?: readonly AuditEntry[]): Promise<void>;
  find(tenant: TenantId, fingerprint: Fingerprint): Promise<Succession | undefined>;
  /** Oldest first, then by fingerprint. */
  listOf(tenant: TenantId): Promise<readonly Succession[]>;
  /** Returns whether there was one. */
  remove(tenant: TenantId, fingerprint: Fingerprint, audit?: readonly AuditEntry[]): Promise<boolean>;
}

export const Successions = token<Successions>('Successions');
