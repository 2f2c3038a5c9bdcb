import type { AuditEntry } from '../../domain/audit/audit-entry.ts';
import type { Tenant, TenantId } from '../../domain/trust/tenant.ts';
import type { TenantOption } from '../../domain/trust/tenant-option.ts';
import type { Page, PageRequest } from '../page.ts';
import { token } from '../token.ts';

/**
 * Remembers the tenants and their options.
 *
 * - Ids and domains are unique over the instance, however many `create` calls race.
 * - A change of a tenant's status, and every option written or removed, moves the `AdmissionEpoch` in the same transaction.
 * - `audit`: entries that are kept in the same write, if and only if the change takes effect (see `AuditTrail`).
 * - A resolved write is durable, and every read after it sees it. A rejected promise means the store is out of order.
 */
export interface TenantDirectory {
  create(tenant: Tenant, audit?: readonly AuditEntry[]): Promise<'created' | 'id-taken' | 'domain-taken'>;
  find(id: TenantId): Promise<Tenant | undefined>;
  /** `domain` in lower case. */
  findByDomain(domain: string): Promise<Tenant | undefined>;
  /** By id. */
  list(): Promise<readonly Tenant[]>;
  /** Returns the tenant as it is now; undefined when there is none, or, with `former`, none that still has that status. */
  setStatus(id: TenantId, status: Tenant['status'], former?: Tenant['status'], audit?: readonly AuditEntry[]): Promise<Tenant | undefined>;

  /** The value last set, undefined when none was. */
  option(id: TenantId, category: string, key: string): Promise<string | undefined>;
  setOption(id: TenantId, category: string, key: string, value: string): Promise<void>;
  /**
   * All of them or none: with `former`, only where each still has the value at its place there, or none. Says whether it did.
   */
  setOptions(id: TenantId, options: readonly TenantOption[], audit?: readonly AuditEntry[], former?: readonly (string | undefined)[]): Promise<boolean>;
  /** Sets the option only where it still has the value `former`, or none; says whether it did. */
  replaceOption(id: TenantId, option: TenantOption, former: string | undefined, audit?: readonly AuditEntry[]): Promise<boolean>;
  /** Only where it still has the value `former`; says whether it did. */
  removeOption(id: TenantId, category: string, key: string, former: string, audit?: readonly AuditEntry[]): Promise<boolean>;
  /** Those that were set, by category and key. */
  listOptions(id: TenantId, page: PageRequest): Promise<Page<TenantOption>>;
  /** Those of one category, by key. */
  optionsOf(id: TenantId, category: string): Promise<readonly TenantOption[]>;
}

export const TenantDirectory = token<TenantDirectory>('TenantDirectory');
