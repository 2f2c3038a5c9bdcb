import type { Compilable } from 'kysely';
import { tables } from '../query.ts';
import type { Migration } from './all-migrations.ts';

const { schema } = tables;

/** Who did what, in one chain of hashes per tenant, and where each chain ends. */
export const audit: Migration = {
  name: '0009-audit',
  up: () => made().map((each) => ({ sql: each.compile().sql, parameters: [] })),
};

const TEXTS = ['at', 'actor', 'what', 'subject', 'state_before', 'state_after', 'former', 'hash'] as const;

const made = (): readonly Compilable[] => [
  TEXTS.reduce(
    (table, column) => table.addColumn(column, 'text', (definition) => definition.notNull()),
    schema
      .createTable('audit_entry')
      .addColumn('tenant', 'text', (definition) => definition.notNull())
      .addColumn('seq', 'integer', (definition) => definition.notNull()),
  ).addPrimaryKeyConstraint('audit_entry_key', ['tenant', 'seq']),
  schema.createIndex('audit_entry_by_subject').on('audit_entry').columns(['tenant', 'subject', 'seq']),
  schema
    .createTable('audit_head')
    .addColumn('tenant', 'text', (definition) => definition.notNull())
    .addColumn('seq', 'integer', (definition) => definition.notNull())
    .addColumn('hash', 'text', (definition) => definition.notNull())
    .addPrimaryKeyConstraint('audit_head_key', ['tenant']),
];
