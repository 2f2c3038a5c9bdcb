import type { AuditEntry } from '../../domain/audit/audit-entry.ts';
import type { Fingerprint } from '../../domain/certificates/certificate.ts';
import { scopeKey } from '../../domain/revocation/list-scope.ts';
import type { ListRule, StoredList } from '../../domain/revocation/stored-list.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { RevocationLists } from '../../ports/driven/revocation-lists.ts';
import { keepAudit } from './in-memory-audit-trail.ts';
import { changed, inOrder, keyOf, type InMemoryState } from './in-memory-state.ts';

export class InMemoryRevocationLists implements RevocationLists {
  readonly #state: InMemoryState;

  constructor({ state }: { state: InMemoryState }) {
    this.#state = state;
  }

  async begin(list: StoredList): Promise<void> {
    this.#state.revocationLists.set(keyOf(list.tenant, list.id), { list, state: 'filling' });
  }

  async install(list: StoredList, audit?: readonly AuditEntry[], most = Infinity): Promise<readonly StoredList[] | 'too-many' | undefined> {
    const key = keyOf(list.tenant, list.id);
    const all = this.#inForce().filter(({ tenant }) => tenant === list.tenant);
    const formers = all.filter((former) => slotOf(former) === slotOf(list));
    if (formers.length === 0 && all.length >= most) return 'too-many';
    if (this.#state.revocationLists.get(key)?.state !== 'filling' || formers.some(({ thisUpdate }) => thisUpdate >= list.thisUpdate)) return undefined;
    keepAudit(this.#state, audit);
    for (const former of formers) this.#set(former, 'gone');
    this.#set(list, 'current');
    changed(this.#state, { tenant: list.tenant, kind: 'list', subject: '' });
    return formers;
  }

  async withdraw(tenant: TenantId, id: string, audit?: readonly AuditEntry[]): Promise<StoredList | undefined> {
    const list = this.#inForce().find((it) => it.tenant === tenant && it.id === id);
    if (!list) return undefined;
    keepAudit(this.#state, audit);
    this.#set(list, 'gone');
    changed(this.#state, { tenant, kind: 'list', subject: '' });
    return list;
  }

  async finish(tenant: TenantId, id: string): Promise<void> {
    const key = keyOf(tenant, id);
    if (this.#state.revocationLists.get(key)?.state !== 'current') this.#state.revocationLists.delete(key);
  }

  async ofTenant(tenant: TenantId): Promise<readonly StoredList[]> {
    return this.#inForce()
      .filter((list) => list.tenant === tenant)
      .sort((a, b) => a.addedAt.getTime() - b.addedAt.getTime() || inOrder(a.id, b.id));
  }

  async leftBehind(before: Date): Promise<readonly StoredList[]> {
    return [...this.#state.revocationLists.values()].filter(({ list, state }) => state !== 'current' && list.addedAt < before).map(({ list }) => list);
  }

  async ruleOf(tenant: TenantId, anchor: Fingerprint): Promise<ListRule | undefined> {
    return this.#state.revocationListRules.get(keyOf(tenant, anchor));
  }

  async rules(): Promise<readonly ListRule[]> {
    return [...this.#state.revocationListRules.values()].sort((a, b) => inOrder(a.tenant, b.tenant) || inOrder(a.anchor, b.anchor));
  }

  async setRule(rule: ListRule, audit?: readonly AuditEntry[]): Promise<void> {
    keepAudit(this.#state, audit);
    this.#state.revocationListRules.set(keyOf(rule.tenant, rule.anchor), rule);
    changed(this.#state, { tenant: rule.tenant, kind: 'list', subject: '' });
  }

  async removeRule(tenant: TenantId, anchor: Fingerprint, audit?: readonly AuditEntry[]): Promise<boolean> {
    const wasThere = this.#state.revocationListRules.delete(keyOf(tenant, anchor));
    if (wasThere) keepAudit(this.#state, audit);
    if (wasThere) changed(this.#state, { tenant, kind: 'list', subject: '' });
    return wasThere;
  }

  #inForce(): StoredList[] {
    return [...this.#state.revocationLists.values()].filter(({ state }) => state === 'current').map(({ list }) => list);
  }

  #set(list: StoredList, state: 'current' | 'gone'): void {
    this.#state.revocationLists.set(keyOf(list.tenant, list.id), { list, state });
  }
}

const slotOf = ({ tenant, anchor, issuer, authorityKeyIdentifier = '', scope, deltaOf }: StoredList): string =>
  keyOf(tenant, anchor, issuer, authorityKeyIdentifier, scopeKey(scope), deltaOf === undefined ? 'full' : 'delta');
