import type { ChildKind, ExternalId, ManagedObject, ObjectId } from '../../domain/inventory/managed-object.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { Given, ObjectFilter, ObjectStore } from '../../ports/driven/object-store.ts';
import type { Database } from './database.ts';
import { countOf, pageOf } from './object-queries.ts';
import { toObject, toRow } from './object-rows.ts';
import * as sql from './object-statements.ts';
import type { Query } from './query.ts';
import type { ExternalIdTable } from './schema.ts';
import { guarded, holding, step, steps, type Step } from './unit.ts';

interface Part {
  readonly offset: number;
  readonly limit: number;
}

export class KyselyObjectStore implements ObjectStore {
  readonly #db: Database;

  constructor({ db }: { db: Database }) {
    this.#db = db;
  }

  async add(object: ManagedObject, { externalIds = [], parent, mostOfOwner }: Given = {}): Promise<'added' | 'id-taken' | 'external-id-taken' | 'too-many'> {
    const { tenant, owner } = object;
    const written = await this.#db.write([
      ...(mostOfOwner === undefined ? [] : [holding('objects of', tenant, owner), guarded(sql.OWNED_BEYOND({ tenant, owner, most: mostOfOwner - 1 }), 0, 'too-many')]),
      ...addSteps([{ object, externalIds, ...(parent && { parent }) }]),
    ]);
    return written.kind === 'done' ? 'added' : (written.otherwise as 'id-taken' | 'external-id-taken' | 'too-many');
  }

  async addAll(all: readonly Added[]): Promise<'added' | 'not-added'> {
    return (await this.#db.write(addSteps(all))).kind === 'done' ? 'added' : 'not-added';
  }

  async find(tenant: TenantId, id: ObjectId): Promise<ManagedObject | undefined> {
    return (await this.#db.read(sql.FIND({ tenant, id }))).map(toObject)[0];
  }

  async findByExternalId(tenant: TenantId, { type, externalId }: ExternalId): Promise<ManagedObject | undefined> {
    return (await this.#db.read(sql.BY_EXTERNAL({ tenant, type, external_id: externalId }))).map(toObject)[0];
  }

  async list(tenant: TenantId, filter: ObjectFilter, part: Part): Promise<readonly ManagedObject[]> {
    return (await this.#db.read(pageOf(tenant, filter, part))).map(toObject);
  }

  async count(tenant: TenantId, filter: ObjectFilter): Promise<number> {
    return (await this.#db.read(countOf(tenant, filter)))[0]?.count ?? 0;
  }

  async change(next: ManagedObject): Promise<'changed' | 'moved' | 'not-there'> {
    const { tenant, id } = next;
    const written = await this.#db.write([
      guarded(sql.CHANGE({ ...toRow(next), before: next.revision - 1 }), 1, 'moved'),
      step(sql.DROP_FRAGMENTS({ tenant, id })),
      ...many(fragmentRows(next)),
    ]);
    if (written.kind === 'done') return 'changed';
    return (await this.find(tenant, id)) ? 'moved' : 'not-there';
  }

  async remove(tenant: TenantId, id: ObjectId): Promise<boolean> {
    const written = await this.#db.write([
      holding('object', tenant, id),
      guarded(sql.REMOVE({ tenant, id }), 1, 'not-there'),
      ...[sql.DROP_FRAGMENTS, sql.DROP_EXTERNALS, sql.DROP_CHILDREN, sql.DROP_PLACES].map((drop) => step(drop({ tenant, id }))),
    ]);
    return written.kind === 'done';
  }

  async externalIdsOf(tenant: TenantId, id: ObjectId): Promise<readonly ExternalId[]> {
    return (await this.#db.read(sql.EXTERNALS_OF({ tenant, id }))).map((row) => ({ type: row.type, externalId: row.external_id }));
  }

  async addExternalId(tenant: TenantId, id: ObjectId, external: ExternalId, most: number): Promise<'added' | 'already-there' | 'taken' | 'too-many' | 'not-there'> {
    const row = externalRow(tenant, external, id);
    const written = await this.#db.write([
      holding('object', tenant, id),
      guarded(sql.OF_THIS_OBJECT(row), 0, 'already-there'),
      guarded(sql.EXTERNAL(row), 0, 'taken'),
      guarded(sql.FIND({ tenant, id }), 1, 'not-there'),
      guarded(sql.EXTERNALS_BEYOND({ tenant, id, most: most - 1 }), 0, 'too-many'),
      step(sql.INSERT_EXTERNAL(row)),
    ]);
    return written.kind === 'done' ? 'added' : (written.otherwise as 'already-there' | 'taken' | 'too-many' | 'not-there');
  }

  async removeExternalId(tenant: TenantId, id: ObjectId, external: ExternalId): Promise<boolean> {
    const written = await this.#db.write([guarded(sql.DROP_EXTERNAL(externalRow(tenant, external, id)), 1, 'not-there')]);
    return written.kind === 'done';
  }

  async link(tenant: TenantId, parent: ObjectId, kind: ChildKind, child: ObjectId): Promise<'linked' | 'not-there'> {
    const written = await this.#db.write([
      ...[parent, child].sort().map((id) => holding('object', tenant, id)),
      guarded(sql.FIND({ tenant, id: child }), 1, 'not-there'),
      guarded(sql.FIND({ tenant, id: parent }), 1, 'not-there'),
      step(sql.LINK({ tenant, parent, kind, child })),
    ]);
    return written.kind === 'done' ? 'linked' : 'not-there';
  }

  async isLinked(tenant: TenantId, parent: ObjectId, kind: ChildKind, child: ObjectId): Promise<boolean> {
    return (await this.#db.read(sql.IS_LINKED({ tenant, parent, kind, child }))).length > 0;
  }

  async childrenOf(tenant: TenantId, parent: ObjectId, kind: ChildKind, part: Part): Promise<readonly ManagedObject[]> {
    return (await this.#db.read(sql.CHILDREN({ tenant, parent, kind, ...part }))).map(toObject);
  }

  async externalIdsOfChildren(tenant: TenantId, parent: ObjectId, kind: ChildKind, type: string, limit: number): Promise<readonly string[]> {
    return (await this.#db.read(sql.EXTERNALS_OF_CHILDREN({ tenant, parent, kind, type, limit }))).map((row) => row.external_id);
  }
}

type Added = Omit<Given, 'mostOfOwner'> & { readonly object: ManagedObject };

/** Each statement once with the values of all. That each of them changes a row is what settles races. */
const addSteps = (all: readonly Added[]): readonly Step[] => [
  ...many(all.map(({ object }) => sql.INSERT(toRow(object))), 'id-taken'),
  ...many(all.flatMap(({ object: { tenant, id }, externalIds = [] }) => externalIds.map((external) => sql.INSERT_EXTERNAL(externalRow(tenant, external, id)))), 'external-id-taken'),
  ...many(all.flatMap(({ object }) => fragmentRows(object))),
  ...many(all.flatMap(({ object: { tenant, id }, parent }) => (parent ? [sql.LINK({ tenant, parent: parent.id, kind: parent.kind, child: id })] : []))),
];

/** Where `otherwise` is given, each of `queries` must change one row. */
const many = (queries: readonly Query[], otherwise?: string): readonly Step[] => {
  const [first, ...others] = queries;
  if (!first) return [];
  return [{ ...steps([first, ...others]), ...(otherwise !== undefined && { guard: { rows: queries.length, otherwise } }) }];
};

const fragmentRows = ({ tenant, id, fragments }: ManagedObject): readonly Query[] =>
  Object.keys(fragments).map((name) => sql.INSERT_FRAGMENT({ tenant, name, object: id }));

const externalRow = (tenant: string, { type, externalId }: ExternalId, object: string): ExternalIdTable => ({ tenant, type, external_id: externalId, object });
