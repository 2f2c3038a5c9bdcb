import type { AuditEntry } from '../../domain/audit/audit-entry.ts';
import { revocationNote } from '../../domain/changes/revocation-note.ts';
import { isMeant, OPERATOR_SOURCES, type Revocation, type RevocableCertificate, type RevocationSource, type ReversibleSource, type RevokedName } from '../../domain/revocation/revocation.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { Page, PageRequest } from '../../ports/page.ts';
import type { RevocationStore } from '../../ports/driven/revocation-store.ts';
import { keepAudit } from './in-memory-audit-trail.ts';
import { changed, inOrder, keyOf, type InMemoryState } from './in-memory-state.ts';

export class InMemoryRevocationStore implements RevocationStore {
  readonly #state: InMemoryState;

  constructor({ state }: { state: InMemoryState }) {
    this.#state = state;
  }

  async add(revocations: readonly Revocation[], audit?: readonly AuditEntry[]): Promise<readonly Revocation[]> {
    if (revocations.length > 0) keepAudit(this.#state, audit);
    const added = revocations.filter((revocation) => {
      if (this.#find(revocation)) return false;
      for (const key of keysOf(revocation.tenant, revocation)) this.#state.revocations.set(key, [...this.#under(key), revocation]);
      return true;
    });
    const moving = added.filter(({ source }) => !isList(source));
    if (moving[0]) changed(this.#state, revocationNote(moving[0].tenant, moving));
    return added;
  }

  async addWithin(most: number, revocations: readonly Revocation[], audit?: readonly AuditEntry[]): Promise<readonly Revocation[] | 'too-many'> {
    const news = new Set(revocations.filter((it) => !this.#find(it)).map((it) => keyOf(it.source, ...NAME.map((member) => it[member]))));
    const there = this.#all(({ tenant, source }) => tenant === revocations[0]?.tenant && OPERATOR_SOURCES.some((it) => it === source));
    return there.length + news.size > most ? 'too-many' : this.add(revocations, audit);
  }

  async about(tenant: TenantId, certificates: readonly RevocableCertificate[]): Promise<readonly Revocation[]> {
    const found = certificates.flatMap((certificate) =>
      keysOf(tenant, certificate).flatMap((key) => this.#under(key).filter((revocation) => isMeant(revocation, certificate))),
    );
    return [...new Set(found)];
  }

  async release(tenant: TenantId, source: ReversibleSource, name: RevokedName, audit?: readonly AuditEntry[]): Promise<boolean> {
    const found = this.#find({ tenant, source, ...name });
    if (!found) return false;
    keepAudit(this.#state, audit);
    this.#remove(found);
    changed(this.#state, revocationNote(tenant, [name]));
    return true;
  }

  async forgetList(tenant: TenantId, list: Extract<RevocationSource, `crl:${string}`>, limit: number): Promise<number> {
    const some = this.#all((revocation) => revocation.tenant === tenant && revocation.source === list).slice(0, limit);
    for (const revocation of some) this.#remove(revocation);
    return some.length;
  }

  async walk(tenant: TenantId, source: RevocationSource, after: RevokedName | undefined, limit: number): Promise<readonly Revocation[]> {
    const all = this.#all((revocation) => revocation.tenant === tenant && revocation.source === source && (!after || byName(revocation, after) > 0));
    return all.sort(byName).slice(0, limit);
  }

  async listOf(tenant: TenantId, sources: readonly RevocationSource[], { number, size }: PageRequest): Promise<Page<Revocation>> {
    const all = this.#all((revocation) => revocation.tenant === tenant && sources.includes(revocation.source)).sort(newestFirst);
    return { items: all.slice((number - 1) * size, number * size), total: all.length };
  }

  async countOf(tenant: TenantId, sources: readonly RevocationSource[]): Promise<number> {
    return this.#all((revocation) => revocation.tenant === tenant && sources.includes(revocation.source)).length;
  }

  #under(key: string): readonly Revocation[] {
    return this.#state.revocations.get(key) ?? [];
  }

  #find(wanted: RevokedName & Pick<Revocation, 'tenant' | 'source'>): Revocation | undefined {
    const [key = ''] = keysOf(wanted.tenant, wanted);
    return this.#under(key).find((it) => it.source === wanted.source && NAME.every((member) => it[member] === wanted[member]));
  }

  #remove(revocation: Revocation): void {
    for (const key of keysOf(revocation.tenant, revocation)) {
      const others = this.#under(key).filter((it) => it !== revocation);
      if (others.length > 0) this.#state.revocations.set(key, others);
      else this.#state.revocations.delete(key);
    }
  }

  #all(wanted: (revocation: Revocation) => boolean): Revocation[] {
    return [...new Set([...this.#state.revocations.values()].flat())].filter(wanted);
  }
}

const NAME = ['serialNumber', 'issuer', 'fingerprint'] as const satisfies readonly (keyof RevokedName)[];

const isList = (source: RevocationSource): boolean => source.startsWith('crl:');

/** Under what a statement is kept, and a certificate looked up. */
const keysOf = (tenant: TenantId, { serialNumber, fingerprint }: Pick<RevokedName, 'serialNumber' | 'fingerprint'>): readonly string[] => [
  ...(serialNumber === '' ? [] : [keyOf(tenant, 'serial', serialNumber)]),
  ...(fingerprint === '' ? [] : [keyOf(tenant, 'fingerprint', fingerprint)]),
];

const byName = (a: RevokedName, b: RevokedName): number =>
  inOrder(a.serialNumber, b.serialNumber) || inOrder(a.issuer, b.issuer) || inOrder(a.fingerprint, b.fingerprint);

const newestFirst = (a: Revocation, b: Revocation): number =>
  b.since.getTime() - a.since.getTime() || byName(a, b) || inOrder(a.source, b.source);
