import type { AuditEntry } from '../../domain/audit/audit-entry.ts';
import type { TenantOption } from '../../domain/trust/tenant-option.ts';
import type { Tenant, TenantId } from '../../domain/trust/tenant.ts';
import type { Page, PageRequest } from '../../ports/page.ts';
import type { TenantDirectory } from '../../ports/driven/tenant-directory.ts';
import { keepAudit } from './in-memory-audit-trail.ts';
import { changed, inOrder, keyOf, type InMemoryState } from './in-memory-state.ts';

export class InMemoryTenantDirectory implements TenantDirectory {
  readonly #state: InMemoryState;

  constructor({ state }: { state: InMemoryState }) {
    this.#state = state;
  }

  async create(tenant: Tenant, audit?: readonly AuditEntry[]): Promise<'created' | 'id-taken' | 'domain-taken'> {
    if (this.#state.tenants.has(tenant.id)) return 'id-taken';
    if (this.#withDomain(tenant.domain)) return 'domain-taken';
    this.#state.tenants.set(tenant.id, tenant);
    keepAudit(this.#state, audit);
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

  async setStatus(id: TenantId, status: Tenant['status'], former?: Tenant['status'], audit?: readonly AuditEntry[]): Promise<Tenant | undefined> {
    const before = this.#state.tenants.get(id);
    if (!before || (former !== undefined && before.status !== former)) return undefined;
    const tenant = { ...before, status };
    this.#state.tenants.set(id, tenant);
    changed(this.#state, { tenant: id, kind: 'tenant', subject: '' });
    keepAudit(this.#state, audit);
    return tenant;
  }

  async option(id: TenantId, category: string, key: string): Promise<string | undefined> {
    return this.#state.options.get(keyOf(id, category, key));
  }

  async setOption(id: TenantId, category: string, key: string, value: string): Promise<void> {
    this.#state.options.set(keyOf(id, category, key), value);
    changed(this.#state, { tenant: id, kind: 'option', subject: `${category}/${key}` });
  }

  async setOptions(id: TenantId, options: readonly TenantOption[], audit?: readonly AuditEntry[], former?: readonly (string | undefined)[]): Promise<boolean> {
    if (former && options.some(({ category, key }, i) => this.#state.options.get(keyOf(id, category, key)) !== former[i])) return false;
    for (const { category, key, value } of options) this.#state.options.set(keyOf(id, category, key), value);
    changed(this.#state, { tenant: id, kind: 'option', subject: options.length === 1 ? `${options[0]!.category}/${options[0]!.key}` : '' });
    keepAudit(this.#state, audit);
    return true;
  }

  async replaceOption(id: TenantId, option: TenantOption, former: string | undefined, audit?: readonly AuditEntry[]): Promise<boolean> {
    return this.setOptions(id, [option], audit, [former]);
  }

  async removeOption(id: TenantId, category: string, key: string, former: string, audit?: readonly AuditEntry[]): Promise<boolean> {
    if (this.#state.options.get(keyOf(id, category, key)) !== former) return false;
    this.#state.options.delete(keyOf(id, category, key));
    changed(this.#state, { tenant: id, kind: 'option', subject: `${category}/${key}` });
    keepAudit(this.#state, audit);
    return true;
  }

  async listOptions(id: TenantId, { number, size }: PageRequest): Promise<Page<TenantOption>> {
    const all = this.#optionsOf(id);
    return { items: all.slice((number - 1) * size, number * size), total: all.length };
  }

  async optionsOf(id: TenantId, category: string): Promise<readonly TenantOption[]> {
    return this.#optionsOf(id).filter((option) => option.category === category);
  }

  #optionsOf(id: TenantId): readonly TenantOption[] {
    return [...this.#state.options]
      .map(([name, value]) => [JSON.parse(name) as [string, string, string], value] as const)
      .filter(([[tenant]]) => tenant === id)
      .map(([[, category, key], value]) => ({ category, key, value }))
      .sort((a, b) => inOrder(a.category, b.category) || inOrder(a.key, b.key));
  }

  #withDomain(domain: string): Tenant | undefined {
    return [...this.#state.tenants.values()].find((tenant) => tenant.domain === domain);
  }
}
