import type { Compilable } from 'kysely';
import { tables } from '../query.ts';
import type { Migration } from './all-migrations.ts';

const { schema } = tables;

/** What is withdrawn by name: single tokens before their time, and devices. A device with an empty `blocked_at` is not blocked. */
export const withdrawal: Migration = {
  name: '0003-withdrawal',
  up: () =>
    [...withdrawnTokens(), ...['blocked_at', 'blocked_by', 'block_reason'].map(deviceColumn)].map((statement) => ({
      sql: statement.compile().sql,
      parameters: [],
    })),
};

const withdrawnTokens = (): readonly Compilable[] => [
  schema
    .createTable('withdrawn_token')
    .addColumn('tenant', 'text', (definition) => definition.notNull())
    .addColumn('jti', 'text', (definition) => definition.notNull())
    .addColumn('keep_until', 'text', (definition) => definition.notNull())
    .addPrimaryKeyConstraint('withdrawn_token_key', ['tenant', 'jti']),
  schema.createIndex('withdrawn_token_keep_until').on('withdrawn_token').column('keep_until'),
];

/** No column is ever null, so that the devices that are there need a value. */
const deviceColumn = (name: string): Compilable =>
  schema.alterTable('device').addColumn(name, 'text', (definition) => definition.notNull().defaultTo(''));
