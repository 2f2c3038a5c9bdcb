import type { Tenant, TenantId } from '../../domain/trust/tenant.ts';
import type { TenantDirectory } from '../../ports/driven/tenant-directory.ts';
import { inOrder, keyOf, type InMemoryState } from './in-memory-state.ts';

export class InMemoryTenantDirectory implements TenantDirectory {
  readonly #state: InMemoryState;

  constructor({ state }: { state: InMemoryState }) {
    this.#state = state;
  }

  async create(tenant: Tenant): Promise<'created' | 'id-taken' | 'domain-taken'> {
    if (this.#state.tenants.has(tenant.id)) return 'id-taken';
    if (this.#withDomain(tenant.domain)) return 'domain-taken';
    this.#state.tenants.set(tenant.id, tenant);
    return 'created';
  }

  async find(id: TenantId): Promise<Tenant | undefined> {
    return this.#state.tenants.get(id);
  }

  async findByDomain(domain: string): Promise<Tenant | undefined> {
    return this.#withDomain(domain);
  }

  async list(): Promise<readonly Tenant[]> {
    return [...this.#state.tenants.values()].sort((a, b) => inOrder(a.id, b.id));
  }

  async setStatus(id: TenantId, status: Tenant['status']): Promise<Tenant | undefined> {
    const before = this.#state.tenants.get(id);
    if (!before) return undefined;
    const tenant = { ...before, status };
    this.#state.tenants.set(id, tenant);
    this.#state.epoch += 1;
    return tenant;
  }

  async option(id: TenantId, category: string, key: string): Promise<string | undefined> {
    return this.#state.options.get(keyOf(id, category, key));
  }

  async setOption(id: TenantId, category: string, key: string, value: string): Promise<void> {
    this.#state.options.set(keyOf(id, category, key), value);
    this.#state.epoch += 1;
  }

  #withDomain(domain: string): Tenant | undefined {
    return [...this.#state.tenants.values()].find((tenant) => tenant.domain === domain);
  }
}
