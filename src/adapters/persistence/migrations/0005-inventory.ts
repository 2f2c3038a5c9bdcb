import { sql, type Compilable, type CreateTableBuilder } from 'kysely';
import { tables } from '../query.ts';
import type { Migration } from './all-migrations.ts';

const { schema } = tables;

/** Managed objects and what hangs on them, and the certificates that devices came with. Tenant first in every key, no column null. */
export const inventory: Migration = {
  name: '0005-inventory',
  up: () => [...made().map((each) => each.compile()), newRoles].map((statement) => ({ sql: statement.sql, parameters: [] })),
};

const made = (): readonly Compilable[] => [
  table('managed_object', {
    text: ['tenant', 'id', 'owner', 'type', 'name', 'creation_time', 'last_updated', 'fragments'],
    integer: ['revision'],
    key: ['tenant', 'id'],
  }),
  index('managed_object', ['tenant', 'owner', 'id']),
  index('managed_object', ['tenant', 'type', 'id']),
  table('object_fragment', { text: ['tenant', 'name', 'object'], key: ['tenant', 'name', 'object'] }),
  index('object_fragment', ['tenant', 'object']),
  table('external_id', { text: ['tenant', 'type', 'external_id', 'object'], key: ['tenant', 'type', 'external_id'] }),
  index('external_id', ['tenant', 'object']),
  table('child_object', { text: ['tenant', 'parent', 'kind', 'child'], key: ['tenant', 'parent', 'kind', 'child'] }),
  index('child_object', ['tenant', 'child']),
  table('seen_certificate', {
    text: ['tenant', 'device', 'thumbprint', 'serial_number', 'not_before', 'not_after', 'last_seen'],
    key: ['tenant', 'device', 'thumbprint'],
  }),
];

/** Administrators who could do everything still can. */
const newRoles = sql`
  update administrator set roles = substr(roles, 1, length(roles) - 1) || ',"ROLE_INVENTORY_READ","ROLE_INVENTORY_ADMIN"]'
  where roles like '%"ROLE_TENANT_MANAGEMENT_ADMIN"%' and roles like '%"ROLE_TENANT_ADMIN"%'
    and roles like '%"ROLE_DEVICE_CONTROL_ADMIN"%' and roles not like '%"ROLE_INVENTORY%'`.compile(tables);

interface Columns {
  readonly text: readonly string[];
  readonly integer?: readonly string[];
  readonly key: readonly string[];
}

function table(name: string, { text, integer = [], key }: Columns): CreateTableBuilder<string, string> {
  let made: CreateTableBuilder<string, string> = schema.createTable(name);
  for (const column of text) made = made.addColumn(column, 'text', (definition) => definition.notNull());
  for (const column of integer) made = made.addColumn(column, 'integer', (definition) => definition.notNull());
  return made.addPrimaryKeyConstraint(`${name}_key`, [...key]);
}

const index = (of: string, columns: readonly string[]): Compilable =>
  schema.createIndex(`${of}_by_${columns.slice(1).join('_')}`).on(of).columns([...columns]);
