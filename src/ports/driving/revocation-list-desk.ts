import type { Fingerprint } from '../../domain/certificates/certificate.ts';
import type { Refusal } from '../../domain/refusal.ts';
import type { ListRule, StoredList } from '../../domain/revocation/stored-list.ts';
import type { Decision } from '../../domain/shared/decision.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import { token } from '../token.ts';

/**
 * Where a tenant's operators bring the revocation lists of the CAs that they trust, and say what they ask of them.
 *
 * - A list is in force when `add` resolves: where the tenant enforces lists, connections are judged by it and sessions that it revokes have ended.
 * - One list is worked on at a time, one more waits; a third is refused as `list.busy`.
 * - A list that is in force already is granted again and changes nothing.
 * - Whether `by` may do this was asked before.
 */
export interface RevocationListDesk {
  add(tenant: TenantId, anchor: Fingerprint, upload: Uint8Array, by: string): Promise<Decision<StoredList, Refusal>>;
  /** In force, oldest first. */
  list(tenant: TenantId): Promise<readonly StoredList[]>;
  remove(tenant: TenantId, id: string, by: string): Promise<Decision<undefined, Refusal>>;

  /** Forgets what a process that ended left behind of lists that are not in force. */
  tidy(): Promise<void>;

  /** What counts for the CA, whether or not it was set. */
  rule(tenant: TenantId, anchor: Fingerprint): Promise<Decision<ListRule, Refusal>>;
  setRule(rule: ListRule, by: string): Promise<Decision<ListRule, Refusal>>;
  removeRule(tenant: TenantId, anchor: Fingerprint, by: string): Promise<Decision<undefined, Refusal>>;
}

export const RevocationListDesk = token<RevocationListDesk>('RevocationListDesk');
