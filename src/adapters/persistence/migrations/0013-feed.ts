import { tables } from '../query.ts';
import type { Migration } from './all-migrations.ts';

const { schema } = tables;

/** What several processes tell each other: what changed, who holds whose session, who is alive; and the signing keys, where nodes share no files. */
export const feed: Migration = {
  name: '0013-feed',
  up: () =>
    [
      schema
        .createTable('change_note')
        .addColumn('seq', 'integer', (column) => column.notNull().primaryKey())
        .addColumn('tenant', 'text', (column) => column.notNull())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('subject', 'text', (column) => column.notNull()),
      schema
        .createTable('session_place')
        .addColumn('tenant', 'text', (column) => column.notNull())
        .addColumn('device', 'text', (column) => column.notNull())
        .addColumn('holder', 'text', (column) => column.notNull())
        .addColumn('session', 'text', (column) => column.notNull())
        .addColumn('anchors', 'text', (column) => column.notNull())
        .addColumn('former_holder', 'text', (column) => column.notNull())
        .addColumn('former_session', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('session_place_key', ['tenant', 'device']),
      schema.createIndex('session_place_by_holder').on('session_place').column('holder'),
      schema
        .createTable('session_taken')
        .addColumn('tenant', 'text', (column) => column.notNull())
        .addColumn('device', 'text', (column) => column.notNull())
        .addColumn('holder', 'text', (column) => column.notNull())
        .addColumn('session', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('session_taken_key', ['tenant', 'device', 'holder', 'session']),
      schema.createIndex('session_taken_by_holder').on('session_taken').column('holder'),
      schema
        .createTable('lease')
        .addColumn('name', 'text', (column) => column.notNull().primaryKey())
        .addColumn('holder', 'text', (column) => column.notNull())
        .addColumn('beat', 'integer', (column) => column.notNull()),
      schema
        .createTable('signing_key')
        .addColumn('kid', 'text', (column) => column.notNull().primaryKey())
        .addColumn('record', 'text', (column) => column.notNull()),
    ].map((statement) => ({ sql: statement.compile().sql, parameters: [] })),
};
