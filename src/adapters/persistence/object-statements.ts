import { prepared, tables } from './query.ts';
import type { ChildObjectTable, ExternalIdTable, ManagedObjectTable } from './schema.ts';

interface One {
  readonly tenant: string;
  readonly id: string;
}
type Named = Omit<ExternalIdTable, 'object'>;

const objects = tables.selectFrom('managed_object').selectAll('managed_object');
export const FIND = prepared((p: One) => objects.where('tenant', '=', p.tenant).where('id', '=', p.id));
export const OWNED_BEYOND = prepared((p: { tenant: string; owner: string; most: number }) =>
  tables.selectFrom('managed_object').select('id').where('tenant', '=', p.tenant).where('owner', '=', p.owner).limit(1).offset(p.most),
);
export const INSERT = prepared((p: ManagedObjectTable) =>
  tables
    .insertInto('managed_object')
    .values({
      tenant: p.tenant, id: p.id, owner: p.owner, type: p.type, name: p.name,
      creation_time: p.creation_time, last_updated: p.last_updated, fragments: p.fragments, revision: p.revision,
    })
    .onConflict((conflict) => conflict.columns(['tenant', 'id']).doNothing()),
);
export const CHANGE = prepared((p: ManagedObjectTable & { before: number }) =>
  tables
    .updateTable('managed_object')
    .set({ owner: p.owner, type: p.type, name: p.name, last_updated: p.last_updated, fragments: p.fragments, revision: p.revision })
    .where('tenant', '=', p.tenant)
    .where('id', '=', p.id)
    .where('revision', '=', p.before),
);
export const REMOVE = prepared((p: One) => tables.deleteFrom('managed_object').where('tenant', '=', p.tenant).where('id', '=', p.id));

export const INSERT_FRAGMENT = prepared((p: { tenant: string; name: string; object: string }) =>
  tables.insertInto('object_fragment').values({ tenant: p.tenant, name: p.name, object: p.object }),
);
export const DROP_FRAGMENTS = prepared((p: One) => tables.deleteFrom('object_fragment').where('tenant', '=', p.tenant).where('object', '=', p.id));

const externals = tables.selectFrom('external_id').selectAll('external_id');
export const EXTERNAL = prepared((p: Named) => externals.where('tenant', '=', p.tenant).where('type', '=', p.type).where('external_id', '=', p.external_id));
export const OF_THIS_OBJECT = prepared((p: ExternalIdTable) =>
  externals.where('tenant', '=', p.tenant).where('type', '=', p.type).where('external_id', '=', p.external_id).where('object', '=', p.object),
);
export const EXTERNALS_OF = prepared((p: One) => externals.where('tenant', '=', p.tenant).where('object', '=', p.id).orderBy('type').orderBy('external_id'));
export const EXTERNALS_BEYOND = prepared((p: One & { most: number }) => externals.where('tenant', '=', p.tenant).where('object', '=', p.id).limit(1).offset(p.most));
export const INSERT_EXTERNAL = prepared((p: ExternalIdTable) =>
  tables
    .insertInto('external_id')
    .values({ tenant: p.tenant, type: p.type, external_id: p.external_id, object: p.object })
    .onConflict((conflict) => conflict.columns(['tenant', 'type', 'external_id']).doNothing()),
);
export const DROP_EXTERNAL = prepared((p: ExternalIdTable) =>
  tables.deleteFrom('external_id').where('tenant', '=', p.tenant).where('type', '=', p.type).where('external_id', '=', p.external_id).where('object', '=', p.object),
);
export const DROP_EXTERNALS = prepared((p: One) => tables.deleteFrom('external_id').where('tenant', '=', p.tenant).where('object', '=', p.id));
export const BY_EXTERNAL = prepared((p: Named) =>
  objects
    .innerJoin('external_id', (join) => join.onRef('external_id.tenant', '=', 'managed_object.tenant').onRef('external_id.object', '=', 'managed_object.id'))
    .where('external_id.tenant', '=', p.tenant)
    .where('external_id.type', '=', p.type)
    .where('external_id.external_id', '=', p.external_id),
);

type Children = Omit<ChildObjectTable, 'child'>;
/** Where the parent is. */
export const LINK = prepared((p: ChildObjectTable) =>
  tables
    .insertInto('child_object')
    .columns(['tenant', 'parent', 'kind', 'child'])
    .expression((builder) =>
      builder
        .selectFrom('managed_object')
        .select((row) => ['tenant', 'id', row.val(p.kind).as('kind'), row.val(p.child).as('child')])
        .where('tenant', '=', p.tenant)
        .where('id', '=', p.parent),
    )
    .onConflict((conflict) => conflict.columns(['tenant', 'parent', 'kind', 'child']).doNothing()),
);
const below = tables.selectFrom('child_object');
export const IS_LINKED = prepared((p: ChildObjectTable) =>
  below.select('child').where('tenant', '=', p.tenant).where('parent', '=', p.parent).where('kind', '=', p.kind).where('child', '=', p.child),
);
export const CHILDREN = prepared((p: Children & { offset: number; limit: number }) =>
  below
    .innerJoin('managed_object', (join) => join.onRef('managed_object.tenant', '=', 'child_object.tenant').onRef('managed_object.id', '=', 'child_object.child'))
    .selectAll('managed_object')
    .where('child_object.tenant', '=', p.tenant)
    .where('child_object.parent', '=', p.parent)
    .where('child_object.kind', '=', p.kind)
    .orderBy('child_object.child')
    .limit(p.limit)
    .offset(p.offset),
);
export const EXTERNALS_OF_CHILDREN = prepared((p: Children & { type: string; limit: number }) =>
  below
    .innerJoin('external_id', (join) => join.onRef('external_id.tenant', '=', 'child_object.tenant').onRef('external_id.object', '=', 'child_object.child'))
    .select('external_id.external_id')
    .where('child_object.tenant', '=', p.tenant)
    .where('child_object.parent', '=', p.parent)
    .where('child_object.kind', '=', p.kind)
    .where('external_id.type', '=', p.type)
    .limit(p.limit),
);
export const DROP_CHILDREN = prepared((p: One) => tables.deleteFrom('child_object').where('tenant', '=', p.tenant).where('parent', '=', p.id));
export const DROP_PLACES = prepared((p: One) => tables.deleteFrom('child_object').where('tenant', '=', p.tenant).where('child', '=', p.id));
