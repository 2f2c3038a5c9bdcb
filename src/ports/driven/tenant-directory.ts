import type { Tenant, TenantId } from '../../domain/trust/tenant.ts';
import { token } from '../token.ts';

/**
 * Remembers the tenants and their options.
 *
 * - Ids and domains are unique over the instance, however many `create` calls race.
 * - A change of a tenant's status, and every option written, moves the `AdmissionEpoch` in the same transaction.
 * - A resolved write is durable, and every read after it sees it. A rejected promise means the store is out of order.
 */
export interface TenantDirectory {
  create(tenant: Tenant): Promise<'created' | 'id-taken' | 'domain-taken'>;
  find(id: TenantId): Promise<Tenant | undefined>;
  /** `domain` in lower case. */
  findByDomain(domain: string): Promise<Tenant | undefined>;
  /** By id. */
  list(): Promise<readonly Tenant[]>;
  /** Returns the tenant as it is now; undefined when there is none. */
  setStatus(id: TenantId, status: Tenant['status']): Promise<Tenant | undefined>;

  /** The value last set, undefined when none was. */
  option(id: TenantId, category: string, key: string): Promise<string | undefined>;
  setOption(id: TenantId, category: string, key: string, value: string): Promise<void>;
}

export const TenantDirectory = token<TenantDirectory>('TenantDirectory');
