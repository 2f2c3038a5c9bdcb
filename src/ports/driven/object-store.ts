import type { ChildKind, ExternalId, ManagedObject, ObjectId } from '../../domain/inventory/managed-object.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import { token } from '../token.ts';

/**
 * Remembers the managed objects of each tenant, their external ids, and which stands below which.
 *
 * - Ids and external ids are unique in a tenant, however many calls race; texts are compared exactly, case included. Two tenants may have the same.
 * - An object and the external ids and parent that `add` brings are there together or not at all.
 * - No change is lost: `change` takes effect only on the revision it was made from.
 * - A resolved write is durable (D-13), and every read after it sees it. A rejected promise means the store is out of order, never "no".
 * - Lists are in the order of ids, which is always the same and says nothing of age.
 */
export interface ObjectStore {
  /**
   * Never overwrites. `parent` must be there, or the object is added without one. `mostOfOwner` refuses with `too-many` when the owner
   * has so many objects already.
   */
  add(object: ManagedObject, given?: Given): Promise<'added' | 'id-taken' | 'external-id-taken' | 'too-many'>;

  /** For many: all of them in one transaction, or none, because an id or an external id is taken, perhaps by another of them. */
  addAll(all: readonly (Omit<Given, 'mostOfOwner'> & { readonly object: ManagedObject })[]): Promise<'added' | 'not-added'>;

  find(tenant: TenantId, id: ObjectId): Promise<ManagedObject | undefined>;
  findByExternalId(tenant: TenantId, external: ExternalId): Promise<ManagedObject | undefined>;

  /** Those that fit all of `filter`, from the `offset`-th on, at most `limit`. */
  list(tenant: TenantId, filter: ObjectFilter, part: { readonly offset: number; readonly limit: number }): Promise<readonly ManagedObject[]>;
  count(tenant: TenantId, filter: ObjectFilter): Promise<number>;

  /** Puts `next` in place of the object of its id, if that has the revision before. `not-there` and `moved` change nothing. */
  change(next: ManagedObject): Promise<'changed' | 'moved' | 'not-there'>;
  /** With its external ids, and its places as parent and child. Returns whether there was one. */
  remove(tenant: TenantId, id: ObjectId): Promise<boolean>;

  /** By type, then id; an object has few. */
  externalIdsOf(tenant: TenantId, id: ObjectId): Promise<readonly ExternalId[]>;
  /** `already-there`: this object has it. `taken`: another has. `too-many`: the object has `most` of them. */
  addExternalId(tenant: TenantId, id: ObjectId, external: ExternalId, most: number): Promise<'added' | 'already-there' | 'taken' | 'too-many' | 'not-there'>;
  /** Returns whether this object had it. */
  removeExternalId(tenant: TenantId, id: ObjectId, external: ExternalId): Promise<boolean>;

  /** Twice is once. `not-there`: one of the two is not. */
  link(tenant: TenantId, parent: ObjectId, kind: ChildKind, child: ObjectId): Promise<'linked' | 'not-there'>;
  isLinked(tenant: TenantId, parent: ObjectId, kind: ChildKind, child: ObjectId): Promise<boolean>;
  childrenOf(tenant: TenantId, parent: ObjectId, kind: ChildKind, part: { readonly offset: number; readonly limit: number }): Promise<readonly ManagedObject[]>;
  /** External ids of type `type` that the children have, at most `limit`. */
  externalIdsOfChildren(tenant: TenantId, parent: ObjectId, kind: ChildKind, type: string, limit: number): Promise<readonly string[]>;
}

export interface Given {
  /** Each once. */
  readonly externalIds?: readonly ExternalId[];
  readonly parent?: { readonly id: ObjectId; readonly kind: ChildKind };
  readonly mostOfOwner?: number;
}

export interface ObjectFilter {
  readonly type?: string;
  readonly owner?: string;
  /** Name of a fragment that the object has. */
  readonly fragment?: string;
  /** Part of the name; the letters A–Z and a–z are alike. */
  readonly text?: string;
}

export const ObjectStore = token<ObjectStore>('ObjectStore');
