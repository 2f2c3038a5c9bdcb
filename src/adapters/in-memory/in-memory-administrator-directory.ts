import { isDeepStrictEqual } from 'node:util';
import { keepsTenant, newAdministrator, type Administrator, type NewAdministrator } from '../../domain/access/administrator.ts';
import type { AuditEntry } from '../../domain/audit/audit-entry.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { AdministratorDirectory } from '../../ports/driven/administrator-directory.ts';
import type { Page, PageRequest } from '../../ports/page.ts';
import { keepAudit } from './in-memory-audit-trail.ts';
import { inOrder, keyOf, type InMemoryState } from './in-memory-state.ts';

export class InMemoryAdministratorDirectory implements AdministratorDirectory {
  readonly #state: InMemoryState;

  constructor({ state }: { state: InMemoryState }) {
    this.#state = state;
  }

  async find(tenant: TenantId, name: string): Promise<Administrator | undefined> {
    return this.#state.administrators.get(keyOf(tenant, name));
  }

  async listOf(tenant: TenantId, prefix: string, { number, size }: PageRequest): Promise<Page<Administrator>> {
    const all = this.#all(tenant)
      .filter(({ name }) => name.startsWith(prefix))
      .sort((a, b) => inOrder(a.name, b.name));
    return { items: all.slice((number - 1) * size, number * size), total: all.length };
  }

  async add(administrator: Administrator, audit?: readonly AuditEntry[]): Promise<'added' | 'already-there'> {
    const key = keyOf(administrator.tenant, administrator.name);
    if (this.#state.administrators.has(key)) return 'already-there';
    this.#state.administrators.set(key, administrator);
    keepAudit(this.#state, audit);
    return 'added';
  }

  async put(administrator: NewAdministrator, audit?: readonly AuditEntry[]): Promise<void> {
    this.#state.administrators.set(keyOf(administrator.tenant, administrator.name), newAdministrator(administrator));
    keepAudit(this.#state, audit);
  }

  async replace(former: Administrator, next: Administrator, audit?: readonly AuditEntry[]): Promise<'done' | 'changed-meanwhile' | 'last-administrator'> {
    if (!this.#isStill(former)) return 'changed-meanwhile';
    if (keepsTenant(former) && !keepsTenant(next) && !this.#hasAnother(former)) return 'last-administrator';
    this.#state.administrators.set(keyOf(former.tenant, former.name), next);
    keepAudit(this.#state, audit);
    return 'done';
  }

  async remove(former: Administrator, audit?: readonly AuditEntry[]): Promise<'done' | 'changed-meanwhile' | 'last-administrator'> {
    if (!this.#isStill(former)) return 'changed-meanwhile';
    if (keepsTenant(former) && !this.#hasAnother(former)) return 'last-administrator';
    this.#state.administrators.delete(keyOf(former.tenant, former.name));
    keepAudit(this.#state, audit);
    return 'done';
  }

  #isStill(former: Administrator): boolean {
    return isDeepStrictEqual(this.#state.administrators.get(keyOf(former.tenant, former.name)), former);
  }

  #hasAnother({ tenant, name }: Administrator): boolean {
    return this.#all(tenant).some((other) => other.name !== name && keepsTenant(other));
  }

  #all(tenant: TenantId): Administrator[] {
    return [...this.#state.administrators.values()].filter((administrator) => administrator.tenant === tenant);
  }
}
