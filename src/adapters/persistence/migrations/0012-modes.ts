import type { CreateTableBuilder } from 'kysely';
import { tables } from '../query.ts';
import type { Migration } from './all-migrations.ts';

const { schema } = tables;

/** With which certificates devices came last, so that it can be told whom a change of rules would hit; and which refusals were only reported. */
export const modes: Migration = {
  name: '0012-modes',
  up: () =>
    [
      ['tenant', 'device', 'certificates', 'last_seen']
        .reduce<CreateTableBuilder<string, string>>((table, column) => table.addColumn(column, 'text', (it) => it.notNull()), schema.createTable('seen_chain'))
        .addPrimaryKeyConstraint('seen_chain_key', ['tenant', 'device'] as never),
      schema.alterTable('refusal').addColumn('would_be', 'integer', (it) => it.notNull().defaultTo(0)),
    ].map((statement) => ({ sql: statement.compile().sql, parameters: [] })),
};
