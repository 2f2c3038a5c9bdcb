import { userNameOf, type DeviceId } from '../identity/device-identity.ts';
import { objectIdOf, OWN_TYPES, type ExternalId, type Fragments, type Json, type ManagedObject, type ObjectId } from '../inventory/managed-object.ts';
import { mergeFragments } from '../inventory/merge-fragments.ts';
import { judgeFragments, OBJECT_LIMITS } from '../inventory/object-rules.ts';
import type { Refusal } from '../refusal.ts';
import type { BulkObject } from '../registration/bulk-object.ts';
import { grant, type Decision } from '../shared/decision.ts';
import type { TenantId } from '../trust/tenant.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { Identifiers } from '../../ports/driven/identifiers.ts';
import type { Given, ObjectStore } from '../../ports/driven/object-store.ts';
import { changeObject } from './change-object.ts';

export interface BulkObjectsNeeds {
  readonly objects: ObjectStore;
  readonly identifiers: Identifiers;
  readonly clock: Clock;
}

export interface ObjectRow {
  readonly tenant: TenantId;
  readonly device: DeviceId;
  readonly wish: BulkObject;
}

/** How often one row is settled anew because a device introduced itself, or was removed, at that moment. */
const ATTEMPTS = 5;
/** Groups of one file that are kept in mind. */
const GROUPS_IN_MIND = 1_000;
/** By which a group is found again (D-35). */
const PATH_TYPE = `${OWN_TYPES}Path`;
const OPERATIONS = 'c8y_SupportedOperations';

/** The managed objects of one bulk file. A row that is settled twice changes nothing the second time. */
export class BulkObjects {
  readonly #needs: BulkObjectsNeeds;
  /** User name of whoever sent the file: the owner of its groups. */
  readonly #by: string;
  readonly #groups = new Map<string, Promise<ObjectId>>();

  constructor(needs: BulkObjectsNeeds, by: string) {
    this.#needs = needs;
    this.#by = by.slice(by.indexOf('/') + 1);
  }

  /** Makes the objects of the devices, or brings those that are there to what the rows say. Returns for each, in order, why not. */
  async settleAll(rows: readonly ObjectRow[]): Promise<readonly (Refusal | undefined)[]> {
    const { objects } = this.#needs;
    const known = await Promise.all(rows.map(({ tenant, wish }) => objects.findByExternalId(tenant, wish.externalIds[0])));
    const groups = await Promise.all(rows.map(({ tenant, wish: { path } }) => (path.length > 0 ? this.#groupAt(tenant, path) : undefined)));
    // New ones together: one statement for all of them costs a fraction of one for each. If one of them is in the way, each goes alone.
    const fresh = rows.flatMap((row, i) => (known[i] ? [] : [{ object: this.#objectOf(row), ...givenBy(row, groups[i]) }]));
    const areAdded = fresh.length > 0 && (await objects.addAll(fresh)) === 'added';
    return Promise.all(rows.map((row, i) => (areAdded && !known[i] ? undefined : this.#settle(row, groups[i]))));
  }

  async #settle(row: ObjectRow, group: ObjectId | undefined): Promise<Refusal | undefined> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const known = await this.#needs.objects.findByExternalId(row.tenant, row.wish.externalIds[0]);
      const settled = known ? await this.#update(known, row, group) : await this.#create(row, group);
      if (settled !== 'again') return settled;
    }
    return { code: 'inventory.in-motion', evidence: { attempts: ATTEMPTS } };
  }

  async #create(row: ObjectRow, group: ObjectId | undefined): Promise<Refusal | undefined | 'again'> {
    const added = await this.#needs.objects.add(this.#objectOf(row), givenBy(row, group));
    if (added === 'external-id-taken') return (await this.#taken(row.tenant, row.wish.externalIds.slice(1), undefined)) ?? 'again';
    return added === 'added' ? undefined : 'again';
  }

  async #update(known: ManagedObject, { device, wish }: ObjectRow, group: ObjectId | undefined): Promise<Refusal | undefined | 'again'> {
    const { objects } = this.#needs;
    const { tenant, id } = known;
    // Nothing is changed before all of it may be.
    if (known.owner !== userNameOf(device)) return takenBy(wish.externalIds[0]);
    const own = await objects.externalIdsOf(tenant, id);
    const missing = wish.externalIds.filter((wanted) => !own.some(({ type, externalId }) => type === wanted.type && externalId === wanted.externalId));
    const taken = await this.#taken(tenant, missing, id);
    if (taken) return taken;
    const next = updated(known, wish);
    if (!next.granted) return next.refusal;
    if (next.value !== known) {
      const changed = await changeObject(this.#needs, known, (before) => updated(before, wish));
      if (!changed.granted) return changed.refusal.code === 'inventory.unknown-object' ? 'again' : changed.refusal;
    }
    for (const external of missing) {
      const added = await objects.addExternalId(tenant, id, external, OBJECT_LIMITS.externalIds);
      if (added === 'taken') return takenBy(external);
      if (added === 'too-many') return { code: 'inventory.unusable-external-id', evidence: { 'external ids': OBJECT_LIMITS.externalIds } };
    }
    if (group && !(await objects.isLinked(tenant, group, 'childAssets', id))) await objects.link(tenant, group, 'childAssets', id);
    return undefined;
  }

  /** The first of `externalIds` that belongs to another object than `id`. */
  async #taken(tenant: TenantId, externalIds: readonly ExternalId[], id: ObjectId | undefined): Promise<Refusal | undefined> {
    for (const external of externalIds) {
      const holder = await this.#needs.objects.findByExternalId(tenant, external);
      if (holder && holder.id !== id) return takenBy(external);
    }
    return undefined;
  }

  /** Id of the last group of `path`; those that are missing are made, each once. */
  #groupAt(tenant: TenantId, path: readonly string[]): Promise<ObjectId> {
    const key = `${tenant}/${path.join('/')}`;
    const known = this.#groups.get(key);
    if (known) return known;
    const made = this.#makeGroup(tenant, path);
    this.#groups.set(key, made);
    if (this.#groups.size > GROUPS_IN_MIND) this.#groups.delete(this.#groups.keys().next().value!);
    return made;
  }

  async #makeGroup(tenant: TenantId, path: readonly string[]): Promise<ObjectId> {
    const parent = path.length > 1 ? await this.#groupAt(tenant, path.slice(0, -1)) : undefined;
    const external: ExternalId = { type: PATH_TYPE, externalId: path.join('/') };
    const given: Given = { externalIds: [external], ...(parent && { parent: { id: parent, kind: 'childAssets' } }) };
    for (;;) {
      const known = await this.#needs.objects.findByExternalId(tenant, external);
      if (known) return known.id;
      const type = parent ? 'c8y_DeviceSubGroup' : 'c8y_DeviceGroup';
      const group = this.#anObject(tenant, { owner: this.#by, name: path.at(-1)!, type, fragments: { c8y_IsDeviceGroup: {} } });
      if ((await this.#needs.objects.add(group, given)) === 'added') return group.id;
    }
  }

  #objectOf({ tenant, device, wish }: ObjectRow): ManagedObject {
    return this.#anObject(tenant, { owner: userNameOf(device), name: wish.name, type: wish.type, fragments: withOperations(wish.fragments, wish) });
  }

  #anObject(tenant: TenantId, is: Pick<ManagedObject, 'owner' | 'name' | 'type' | 'fragments'>): ManagedObject {
    const now = this.#needs.clock.now();
    return { tenant, id: objectIdOf(this.#needs.identifiers.next()), ...is, creationTime: now, lastUpdated: now, revision: 1 };
  }
}

const givenBy = ({ wish }: ObjectRow, group: ObjectId | undefined): Given => ({
  externalIds: wish.externalIds,
  ...(group && { parent: { id: group, kind: 'childAssets' } }),
});

/** The same object where the row says nothing new. */
function updated(before: ManagedObject, wish: BulkObject): Decision<ManagedObject, Refusal> {
  const { name, type } = wish;
  const fragments = withOperations(mergeFragments(before.fragments, wish.fragments), wish);
  const isSame = name === before.name && type === before.type && JSON.stringify(fragments) === JSON.stringify(before.fragments);
  if (isSame) return grant(before);
  const judged = judgeFragments(fragments);
  return judged.granted ? grant({ ...before, name, type, fragments }) : judged;
}

/** What the device said that it can do stays. */
function withOperations(fragments: Fragments, { operations }: BulkObject): Fragments {
  if (operations.length === 0) return fragments;
  const there: Json | undefined = fragments[OPERATIONS];
  const known: readonly Json[] = Array.isArray(there) ? (there as readonly Json[]) : [];
  return { ...fragments, [OPERATIONS]: [...known, ...operations.filter((operation) => !known.includes(operation))] };
}

const takenBy = ({ type, externalId }: ExternalId): Refusal => ({
  code: 'bulk.external-id-taken',
  evidence: { type: `'${type.slice(0, 64)}'`, externalId: `'${externalId.slice(0, 64)}'` },
});
