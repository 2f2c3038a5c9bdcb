import type { Principal } from '../access/administrator.ts';
import { parseDeviceId } from '../identity/device-id-rules.ts';
import { idOfBody, objectIdOf, parseObjectId, SERIAL, type ChildKind, type ExternalId, type ManagedObject } from '../inventory/managed-object.ts';
import { mergeFragments } from '../inventory/merge-fragments.ts';
import { isObjectText, judgeExternalId, judgeFragments, MOST_OBJECTS_OF_A_DEVICE, OBJECT_LIMITS } from '../inventory/object-rules.ts';
import type { Refusal } from '../refusal.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { AuditLog } from '../../ports/driven/audit-log.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { DeviceRegistry } from '../../ports/driven/device-registry.ts';
import type { Identifiers } from '../../ports/driven/identifiers.ts';
import type { ObjectFilter, ObjectStore } from '../../ports/driven/object-store.ts';
import type { InventoryDesk, ObjectWish } from '../../ports/driving/inventory-desk.ts';
import type { Page, PageRequest } from '../../ports/page.ts';
import { changeObject } from './change-object.ts';

export interface ManageInventoryNeeds {
  readonly objects: ObjectStore;
  readonly devices: DeviceRegistry;
  readonly identifiers: Identifiers;
  readonly clock: Clock;
  readonly audit: AuditLog;
}

/** Where agents and onboarding tools read and write managed objects. Each method begins with what `by` may see. */
export class ManageInventory implements InventoryDesk {
  readonly #needs: ManageInventoryNeeds;

  constructor(needs: ManageInventoryNeeds) {
    this.#needs = needs;
  }

  async create(by: Principal, wish: ObjectWish): Promise<Decision<ManagedObject, Refusal>> {
    const { objects, identifiers, clock } = this.#needs;
    const now = clock.now();
    const owner = by.kind === 'device' ? by.name : (wish.owner ?? by.name);
    const fixed = { tenant: by.tenant, owner: by.name, type: '', name: '', creationTime: now, lastUpdated: now, fragments: {}, revision: 1 } as const;
    for (;;) {
      const object = asWished({ ...fixed, id: objectIdOf(identifiers.next()) }, { ...wish, owner });
      if (!object.granted) return object;
      const added = await objects.add(object.value, by.kind === 'device' ? { mostOfOwner: MOST_OBJECTS_OF_A_DEVICE } : {});
      if (added === 'too-many') return refuse({ code: 'inventory.too-many-objects', evidence: { objects: MOST_OBJECTS_OF_A_DEVICE } });
      if (added === 'added') return grant(this.#told('object.created', by, object.value));
    }
  }

  async find(by: Principal, id: string): Promise<Decision<ManagedObject, Refusal>> {
    const parsed = parseObjectId(id);
    const found = parsed && (await this.#needs.objects.find(by.tenant, parsed));
    return found && maySee(by, found) ? grant(found) : refuse({ code: 'inventory.unknown-object', evidence: { id: id.slice(0, 64) } });
  }

  async list(by: Principal, filter: ObjectFilter, { number, size }: PageRequest, counted: boolean): Promise<Page<ManagedObject>> {
    const { objects } = this.#needs;
    const seen = seenBy(by, filter);
    if (!seen) return { items: [], total: 0 };
    const offset = (number - 1) * size;
    const found = await objects.list(by.tenant, seen, { offset, limit: size + 1 });
    return { items: found.slice(0, size), total: counted ? await objects.count(by.tenant, seen) : offset + found.length };
  }

  async findAll(by: Principal, ids: readonly string[]): Promise<readonly ManagedObject[]> {
    const found = await Promise.all([...new Set(ids)].map((id) => this.find(by, id)));
    return found.flatMap((each) => (each.granted ? [each.value] : [])).sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  async change(by: Principal, id: string, wish: ObjectWish): Promise<Decision<ManagedObject, Refusal>> {
    const found = await this.find(by, id);
    if (!found.granted) return found;
    const changed = await changeObject(this.#needs, found.value, (before) => {
      if (!maySee(by, before)) return refuse({ code: 'inventory.unknown-object', evidence: { id } });
      if (by.kind === 'device' && (wish.owner ?? by.name) !== by.name) return refuse({ code: 'access.not-allowed', evidence: { member: 'owner' } });
      return asWished(before, wish);
    });
    return changed.granted && by.kind === 'administrator' ? grant(this.#told('object.changed', by, changed.value)) : changed;
  }

  async remove(by: Principal, id: string): Promise<Decision<undefined, Refusal>> {
    const found = await this.find(by, id);
    if (!found.granted) return found;
    if (await this.#needs.objects.remove(by.tenant, found.value.id)) this.#told('object.removed', by, found.value);
    return grant(undefined);
  }

  async childrenOf(by: Principal, id: string, kind: ChildKind, { number, size }: PageRequest): Promise<Decision<Page<ManagedObject>, Refusal>> {
    const parent = await this.find(by, id);
    if (!parent.granted) return parent;
    const offset = (number - 1) * size;
    const found = await this.#needs.objects.childrenOf(by.tenant, parent.value.id, kind, { offset, limit: size + 1 });
    // What stands below may belong to somebody else.
    return grant({ items: found.slice(0, size).filter((child) => maySee(by, child)), total: offset + found.length });
  }

  async addChild(by: Principal, id: string, kind: ChildKind, childId: string): Promise<Decision<ManagedObject, Refusal>> {
    const parent = await this.find(by, id);
    if (!parent.granted) return parent;
    const child = await this.find(by, idOfBody(childId));
    if (!child.granted) return child;
    if (child.value.id === parent.value.id) return refuse({ code: 'inventory.own-child', evidence: { id } });
    const linked = await this.#needs.objects.link(by.tenant, parent.value.id, kind, child.value.id);
    if (linked === 'not-there') return refuse({ code: 'inventory.unknown-object', evidence: { id: childId } });
    if (by.kind === 'administrator') this.#told('object.changed', by, parent.value);
    return child;
  }

  async externalIdsOf(by: Principal, id: string): Promise<Decision<readonly ExternalId[], Refusal>> {
    const found = await this.find(by, id);
    return found.granted ? grant(await this.#needs.objects.externalIdsOf(by.tenant, found.value.id)) : found;
  }

  async addExternalId(by: Principal, id: string, wish: ExternalId): Promise<Decision<ExternalId, Refusal>> {
    const found = await this.find(by, id);
    if (!found.granted) return found;
    const external = judgeExternalId(wish);
    if (!external.granted) return external;
    const { type, externalId } = external.value;
    if (await this.#isOfAnotherDevice(by, external.value)) return refuse({ code: 'inventory.external-id-taken', evidence: { type, externalId } });
    switch (await this.#needs.objects.addExternalId(by.tenant, found.value.id, external.value, OBJECT_LIMITS.externalIds)) {
      case 'not-there':
        return refuse({ code: 'inventory.unknown-object', evidence: { id } });
      case 'taken':
      case 'already-there':
        return refuse({ code: 'inventory.external-id-taken', evidence: { type, externalId } });
      case 'too-many':
        return refuse({ code: 'inventory.unusable-external-id', evidence: { 'external ids': OBJECT_LIMITS.externalIds } });
      case 'added':
        this.#told('object.changed', by, found.value);
        return external;
    }
  }

  async findByExternalId(by: Principal, external: ExternalId): Promise<Decision<ManagedObject, Refusal>> {
    const found = await this.#needs.objects.findByExternalId(by.tenant, external);
    return found && maySee(by, found) ? grant(found) : unknownExternalId(external);
  }

  async removeExternalId(by: Principal, external: ExternalId): Promise<Decision<undefined, Refusal>> {
    const found = await this.findByExternalId(by, external);
    if (!found.granted) return found;
    if (await this.#needs.objects.removeExternalId(by.tenant, found.value.id, external)) this.#told('object.changed', by, found.value);
    return grant(undefined);
  }

  /** D-34: a device that took the serial of another would keep it from being found. */
  async #isOfAnotherDevice(by: Principal, { type, externalId }: ExternalId): Promise<boolean> {
    if (by.kind !== 'device' || type !== SERIAL || externalId === by.device) return false;
    const device = parseDeviceId(externalId);
    return device.granted && (await this.#needs.devices.find(by.tenant, device.value)) !== undefined;
  }

  #told(what: 'object.created' | 'object.changed' | 'object.removed', by: Principal, object: ManagedObject): ManagedObject {
    this.#needs.audit.record({ what, tenant: by.tenant, by: `${by.tenant}/${by.name}`, subject: object.id });
    return object;
  }
}

const maySee = (by: Principal, { tenant, owner }: ManagedObject): boolean => tenant === by.tenant && (by.kind === 'administrator' || owner === by.name);

/** The filter narrowed to what `by` may see; undefined: nothing fits. */
function seenBy(by: Principal, filter: ObjectFilter): ObjectFilter | undefined {
  if (by.kind === 'administrator') return filter;
  return filter.owner === undefined || filter.owner === by.name ? { ...filter, owner: by.name } : undefined;
}

function asWished(before: ManagedObject, wish: ObjectWish): Decision<ManagedObject, Refusal> {
  const { name = before.name, type = before.type, owner = before.owner } = wish;
  const wrong = Object.entries({ name, type, owner }).find(([member, text]) => !isObjectText(text) || (member === 'owner' && text === ''));
  if (wrong) return refuse({ code: 'inventory.unusable-text', evidence: { member: wrong[0], characters: wrong[1].length } });
  const fragments = mergeFragments(before.fragments, wish.fragments);
  const judged = judgeFragments(fragments);
  return judged.granted ? grant({ ...before, name, type, owner, fragments }) : judged;
}

const unknownExternalId = ({ type, externalId }: ExternalId): Decision<never, Refusal> =>
  refuse({ code: 'inventory.unknown-external-id', evidence: { type: type.slice(0, 254), externalId: externalId.slice(0, 254) } });
