import type { AuditEntry } from '../../domain/audit/audit-entry.ts';
import type { Fingerprint } from '../../domain/certificates/certificate.ts';
import type { ListRule, StoredList } from '../../domain/revocation/stored-list.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import { token } from '../token.ts';

/**
 * Remembers which revocation lists are in force, and what each tenant asks of a CA's lists. The entries of lists are elsewhere
 * (`RevocationStore`, source `crl:<id>`), and count for exactly as long as their list is in force here.
 *
 * - A list comes in three steps: `begin` notes that its entries are being filled in, `install` puts it in force, and in the same write takes the
 *   former list of the same anchor, issuer, scope and kind (full or delta) out of force. A list goes by `withdraw`.
 * - A list that is not in force stays noted until `finish`, so that entries which a process left behind are found again.
 * - `install` and `withdraw` move the `AdmissionEpoch` in the same write; `begin` and `finish` do not.
 * - `setRule` and `removeRule` move it as well.
 * - `audit`: entries that are kept in the same write, if and only if the change takes effect (see `AuditTrail`).
 * - What is read after a write resolved includes it; a resolved write is durable (D-13).
 * - A rejected promise means the store is out of order, never "no".
 */
export interface RevocationLists {
  begin(list: StoredList): Promise<void>;
  /**
   * `undefined`: it had not begun, or a list as new as this one is in force already. `too-many`: it takes no list's place, and the tenant has `most` in force,
   * however callers race. Otherwise the lists that it put out of force.
   */
  install(list: StoredList, audit?: readonly AuditEntry[], most?: number): Promise<readonly StoredList[] | 'too-many' | undefined>;
  /** The list that it put out of force; undefined: none in force has this id. */
  withdraw(tenant: TenantId, id: string, audit?: readonly AuditEntry[]): Promise<StoredList | undefined>;
  /** Forgets a list that is not in force. */
  finish(tenant: TenantId, id: string): Promise<void>;

  /** In force, oldest first (then by id). */
  ofTenant(tenant: TenantId): Promise<readonly StoredList[]>;
  /** Of all tenants, not in force, and noted before `before`. */
  leftBehind(before: Date): Promise<readonly StoredList[]>;

  ruleOf(tenant: TenantId, anchor: Fingerprint): Promise<ListRule | undefined>;
  /** Of all tenants that have one. */
  rules(): Promise<readonly ListRule[]>;
  setRule(rule: ListRule, audit?: readonly AuditEntry[]): Promise<void>;
  /** Whether there was one. */
  removeRule(tenant: TenantId, anchor: Fingerprint, audit?: readonly AuditEntry[]): Promise<boolean>;
}

export const RevocationLists = token<RevocationLists>('RevocationLists');
