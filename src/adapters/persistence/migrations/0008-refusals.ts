import { tables } from '../query.ts';
import type { Migration } from './all-migrations.ts';

const { schema } = tables;

const TEXT = ['tenant', 'code', 'mark', 'evidence', 'thumbprint', 'serial_number', 'subject', 'issuer', 'device', 'client_id', 'from_address', 'origin', 'first_seen', 'last_seen'];
/** `depth` is -1 where there is none. */
const INTEGER = ['depth', 'sent', 'count'];

/** Which connects were refused, and since when anchors are disabled. Tenant first in every key, no column null. */
export const refusals: Migration = {
  name: '0008-refusals',
  up: () =>
    [table(), lastDisabled, index('refusal_by_last_seen', ['tenant', 'last_seen']), index('refusal_by_device', ['tenant', 'device', 'last_seen'])].map((each) => ({
      sql: each.compile().sql,
      parameters: [],
    })),
};

/** Since when a CA lets nobody in. */
const lastDisabled = schema.alterTable('trust_anchor').addColumn('last_disabled_at', 'text', (column) => column.notNull().defaultTo(''));

function table() {
  let made = schema.createTable('refusal').addColumn('tenant', 'text', (column) => column.notNull());
  for (const name of TEXT.slice(1)) made = made.addColumn(name as 'tenant', 'text', (column) => column.notNull());
  for (const name of INTEGER) made = made.addColumn(name as 'tenant', 'integer', (column) => column.notNull());
  return made.addPrimaryKeyConstraint('refusal_key', ['tenant', 'code', 'mark'] as never);
}

const index = (name: string, columns: readonly string[]) => schema.createIndex(name).on('refusal').columns([...columns]);
