import type { ChildKind, ExternalId, ManagedObject, ObjectId } from '../../domain/inventory/managed-object.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { Given, ObjectFilter, ObjectStore } from '../../ports/driven/object-store.ts';
import { inOrder, keyOf, type ExternalIdOf, type InMemoryState } from './in-memory-state.ts';

interface Part {
  readonly offset: number;
  readonly limit: number;
}

/** Looks through all objects at every list: for tests and trying out. Nothing waits between a look and the write that rests on it. */
export class InMemoryObjectStore implements ObjectStore {
  readonly #state: InMemoryState;

  constructor({ state }: { state: InMemoryState }) {
    this.#state = state;
  }

  async add(object: ManagedObject, { externalIds = [], parent, mostOfOwner }: Given = {}): Promise<'added' | 'id-taken' | 'external-id-taken' | 'too-many'> {
    const { tenant, id, owner } = object;
    if (mostOfOwner !== undefined && this.#fitting(tenant, { owner }).length >= mostOfOwner) return 'too-many';
    if (externalIds.some((external) => this.#external(tenant, external))) return 'external-id-taken';
    if (this.#objectsOf(tenant).has(id)) return 'id-taken';
    this.#objectsOf(tenant).set(id, object);
    for (const external of externalIds) this.#state.externalIds.set(externalKey(tenant, external), { ...external, tenant, object: id });
    if (parent) await this.link(tenant, parent.id, parent.kind, id);
    return 'added';
  }

  async addAll(all: readonly (Given & { readonly object: ManagedObject })[]): Promise<'added' | 'not-added'> {
    const keys = all.flatMap(({ object: { tenant, id }, externalIds = [] }) => [keyOf(tenant, id), ...externalIds.map((external) => externalKey(tenant, external))]);
    const isTaken = ({ object: { tenant, id }, externalIds = [] }: (typeof all)[number]): boolean =>
      this.#objectsOf(tenant).has(id) || externalIds.some((external) => this.#external(tenant, external));
    if (new Set(keys).size < keys.length || all.some(isTaken)) return 'not-added';
    await Promise.all(all.map(({ object, ...given }) => this.add(object, given)));
    return 'added';
  }

  async find(tenant: TenantId, id: ObjectId): Promise<ManagedObject | undefined> {
    return this.#state.objects.get(tenant)?.get(id);
  }

  async findByExternalId(tenant: TenantId, external: ExternalId): Promise<ManagedObject | undefined> {
    const found = this.#external(tenant, external);
    return found && this.find(tenant, found.object);
  }

  async list(tenant: TenantId, filter: ObjectFilter, { offset, limit }: Part): Promise<readonly ManagedObject[]> {
    return this.#fitting(tenant, filter).slice(offset, offset + limit);
  }

  async count(tenant: TenantId, filter: ObjectFilter): Promise<number> {
    return this.#fitting(tenant, filter).length;
  }

  async change(next: ManagedObject): Promise<'changed' | 'moved' | 'not-there'> {
    const before = this.#objectsOf(next.tenant).get(next.id);
    if (!before) return 'not-there';
    if (before.revision !== next.revision - 1) return 'moved';
    this.#objectsOf(next.tenant).set(next.id, { ...next, creationTime: before.creationTime });
    return 'changed';
  }

  async remove(tenant: TenantId, id: ObjectId): Promise<boolean> {
    if (!this.#state.objects.get(tenant)?.delete(id)) return false;
    for (const [key, external] of this.#state.externalIds) {
      if (external.tenant === tenant && external.object === id) this.#state.externalIds.delete(key);
    }
    for (const [key, children] of this.#state.children) {
      const [of, parent] = JSON.parse(key) as string[];
      if (of === tenant) children.delete(id);
      if (of === tenant && parent === id) this.#state.children.delete(key);
    }
    return true;
  }

  async externalIdsOf(tenant: TenantId, id: ObjectId): Promise<readonly ExternalId[]> {
    return this.#externalsOf(tenant, id)
      .map(({ type, externalId }) => ({ type, externalId }))
      .sort((a, b) => inOrder(a.type, b.type) || inOrder(a.externalId, b.externalId));
  }

  async addExternalId(tenant: TenantId, id: ObjectId, external: ExternalId, most: number): Promise<'added' | 'already-there' | 'taken' | 'too-many' | 'not-there'> {
    const known = this.#external(tenant, external);
    if (known) return known.object === id ? 'already-there' : 'taken';
    if (!this.#objectsOf(tenant).has(id)) return 'not-there';
    if (this.#externalsOf(tenant, id).length >= most) return 'too-many';
    this.#state.externalIds.set(externalKey(tenant, external), { ...external, tenant, object: id });
    return 'added';
  }

  async removeExternalId(tenant: TenantId, id: ObjectId, external: ExternalId): Promise<boolean> {
    return this.#external(tenant, external)?.object === id && this.#state.externalIds.delete(externalKey(tenant, external));
  }

  async link(tenant: TenantId, parent: ObjectId, kind: ChildKind, child: ObjectId): Promise<'linked' | 'not-there'> {
    const objects = this.#objectsOf(tenant);
    if (!objects.has(parent) || !objects.has(child)) return 'not-there';
    const key = keyOf(tenant, parent, kind);
    this.#state.children.set(key, (this.#state.children.get(key) ?? new Set()).add(child));
    return 'linked';
  }

  async isLinked(tenant: TenantId, parent: ObjectId, kind: ChildKind, child: ObjectId): Promise<boolean> {
    return this.#state.children.get(keyOf(tenant, parent, kind))?.has(child) ?? false;
  }

  async childrenOf(tenant: TenantId, parent: ObjectId, kind: ChildKind, { offset, limit }: Part): Promise<readonly ManagedObject[]> {
    return this.#children(tenant, parent, kind).slice(offset, offset + limit);
  }

  async externalIdsOfChildren(tenant: TenantId, parent: ObjectId, kind: ChildKind, type: string, limit: number): Promise<readonly string[]> {
    return this.#children(tenant, parent, kind)
      .flatMap(({ id }) => this.#externalsOf(tenant, id).filter((external) => external.type === type))
      .map(({ externalId }) => externalId)
      .slice(0, limit);
  }

  #children(tenant: TenantId, parent: ObjectId, kind: ChildKind): readonly ManagedObject[] {
    const ids = [...(this.#state.children.get(keyOf(tenant, parent, kind)) ?? [])].sort(inOrder);
    return ids.flatMap((id) => this.#objectsOf(tenant).get(id) ?? []);
  }

  #external(tenant: TenantId, external: ExternalId): ExternalIdOf | undefined {
    return this.#state.externalIds.get(externalKey(tenant, external));
  }

  #externalsOf(tenant: TenantId, id: ObjectId): readonly ExternalIdOf[] {
    return [...this.#state.externalIds.values()].filter((external) => external.tenant === tenant && external.object === id);
  }

  #fitting(tenant: TenantId, filter: ObjectFilter): readonly ManagedObject[] {
    return [...(this.#state.objects.get(tenant)?.values() ?? [])].filter((object) => fits(object, filter)).sort((a, b) => inOrder(a.id, b.id));
  }

  #objectsOf(tenant: TenantId): Map<string, ManagedObject> {
    const objects = this.#state.objects.get(tenant) ?? new Map<string, ManagedObject>();
    this.#state.objects.set(tenant, objects);
    return objects;
  }
}

const externalKey = (tenant: TenantId, { type, externalId }: ExternalId): string => keyOf(tenant, type, externalId);

const fits = (object: ManagedObject, { type, owner, fragment, text }: ObjectFilter): boolean =>
  (type === undefined || object.type === type) &&
  (owner === undefined || object.owner === owner) &&
  (fragment === undefined || Object.hasOwn(object.fragments, fragment)) &&
  (text === undefined || folded(object.name).includes(folded(text)));

/** A–Z alone, as SQLite compares. */
const folded = (text: string): string => text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
