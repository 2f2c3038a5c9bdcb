import type { Principal } from '../../domain/access/administrator.ts';
import type { ChildKind, ExternalId, Fragments, ManagedObject } from '../../domain/inventory/managed-object.ts';
import type { Refusal } from '../../domain/refusal.ts';
import type { Decision } from '../../domain/shared/decision.ts';
import type { ObjectFilter } from '../driven/object-store.ts';
import type { Page, PageRequest } from '../page.ts';
import { token } from '../token.ts';

/**
 * Where agents and onboarding tools read and write managed objects (D-33, D-34).
 *
 * - An administrator sees those of its tenant, a device those that its user owns. Of the others both hear what they hear of nothing (T09).
 * - Whether an administrator may read or change objects at all was asked before.
 * - A change is durable when the promise resolves. Ids come as texts from outside; one that is none is unknown.
 */
export interface InventoryDesk {
  create(by: Principal, wish: ObjectWish): Promise<Decision<ManagedObject, Refusal>>;
  find(by: Principal, id: string): Promise<Decision<ManagedObject, Refusal>>;
  /** By id. `total` is exact where `counted`, else it tells only whether there is a page behind. */
  list(by: Principal, filter: ObjectFilter, page: PageRequest, counted: boolean): Promise<Page<ManagedObject>>;
  /** Those of `ids` that there are, each once, by id. */
  findAll(by: Principal, ids: readonly string[]): Promise<readonly ManagedObject[]>;
  change(by: Principal, id: string, wish: ObjectWish): Promise<Decision<ManagedObject, Refusal>>;
  remove(by: Principal, id: string): Promise<Decision<undefined, Refusal>>;

  /** `total` tells only whether there is a page behind. */
  childrenOf(by: Principal, id: string, kind: ChildKind, page: PageRequest): Promise<Decision<Page<ManagedObject>, Refusal>>;
  /** Returns the child. Twice is once. */
  addChild(by: Principal, id: string, kind: ChildKind, child: string): Promise<Decision<ManagedObject, Refusal>>;

  externalIdsOf(by: Principal, id: string): Promise<Decision<readonly ExternalId[], Refusal>>;
  addExternalId(by: Principal, id: string, external: ExternalId): Promise<Decision<ExternalId, Refusal>>;
  findByExternalId(by: Principal, external: ExternalId): Promise<Decision<ManagedObject, Refusal>>;
  removeExternalId(by: Principal, external: ExternalId): Promise<Decision<undefined, Refusal>>;
}

/** What is not given stays, or is empty in a new object. */
export interface ObjectWish {
  readonly name?: string;
  readonly type?: string;
  /** A device owns what it creates, and gives nothing away. */
  readonly owner?: string;
  /** Each replaced as a whole; null takes one away. */
  readonly fragments: Fragments;
}

export const InventoryDesk = token<InventoryDesk>('InventoryDesk');
