import { sql } from 'kysely';
import type { ObjectFilter } from '../../ports/driven/object-store.ts';
import { prepared, tables, type Query } from './query.ts';
import type { ManagedObjectTable } from './schema.ts';

interface Values {
  readonly tenant: string;
  readonly type: string;
  readonly owner: string;
  readonly fragment: string;
  readonly text: string;
  readonly offset: number;
  readonly limit: number;
}
type Has = Readonly<Record<keyof ObjectFilter, boolean>>;

/** One page of the objects that fit, by id. */
export const pageOf = (tenant: string, filter: ObjectFilter, part: { offset: number; limit: number }): Query<ManagedObjectTable> =>
  queriesFor(filter).page({ ...valuesOf(tenant, filter), ...part });

export const countOf = (tenant: string, filter: ObjectFilter): Query<{ count: number }> =>
  queriesFor(filter).count({ ...valuesOf(tenant, filter), offset: 0, limit: 0 });

const valuesOf = (tenant: string, { type = '', owner = '', fragment = '', text = '' }: ObjectFilter): Omit<Values, 'offset' | 'limit'> => ({
  tenant,
  type,
  owner,
  fragment,
  // Case does not matter for A–Z, on either engine: that is what `lower` of both changes.
  text: `%${text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()).replaceAll(/[\\%_]/g, String.raw`\$&`)}%`,
});

interface Compiled {
  readonly page: (values: Values) => Query<ManagedObjectTable>;
  readonly count: (values: Values) => Query<{ count: number }>;
}

/** One for each set of filters, of which there are sixteen. */
const COMPILED = new Map<string, Compiled>();

function queriesFor(filter: ObjectFilter): Compiled {
  const has: Has = { type: filter.type !== undefined, owner: filter.owner !== undefined, fragment: filter.fragment !== undefined, text: filter.text !== undefined };
  const key = JSON.stringify(has);
  const compiled = COMPILED.get(key) ?? compile(has);
  COMPILED.set(key, compiled);
  return compiled;
}

const compile = (has: Has): Compiled => ({
  page: prepared((p: Values) => fitting(has, p).selectAll('managed_object').orderBy('managed_object.id').limit(p.limit).offset(p.offset)),
  count: prepared((p: Values) => fitting(has, p).select((each) => each.fn.countAll<number>().as('count'))),
});

const fitting = (has: Has, p: Values) =>
  tables
    .selectFrom('managed_object')
    .where('managed_object.tenant', '=', p.tenant)
    .$if(has.type, (query) => query.where('managed_object.type', '=', p.type))
    .$if(has.owner, (query) => query.where('managed_object.owner', '=', p.owner))
    .$if(has.text, (query) => query.where(sql<boolean>`lower(managed_object.name) like ${p.text} escape '\\'`))
    .$if(has.fragment, (query) =>
      query.where('managed_object.id', 'in', tables.selectFrom('object_fragment').select('object').where('tenant', '=', p.tenant).where('name', '=', p.fragment)),
    );
