import type { Compilable, CreateTableBuilder } from 'kysely';
import { tables } from '../query.ts';
import type { Migration } from './all-migrations.ts';

const { schema } = tables;

/** Which revocation lists each tenant has, and what it asks of a CA's lists. Their entries are rows of `revocation`. */
export const crl: Migration = {
  name: '0007-crl',
  up: () => made().map((statement) => ({ sql: statement.compile().sql, parameters: [] })),
};

const LIST = ['tenant', 'id', 'anchor', 'issuer_key', 'issuer_text', 'authority_key', 'scope', 'number', 'delta_of', 'kind', 'thumbprint', 'this_update', 'next_update', 'taken_from', 'added_at', 'state'] as const;
const RULE = ['tenant', 'anchor', 'urls', 'missing'] as const;

const made = (): readonly Compilable[] => [
  withNumbers(withTexts(schema.createTable('revocation_list'), LIST), ['entries']).addPrimaryKeyConstraint('revocation_list_key', ['tenant', 'id']),
  withNumbers(withTexts(schema.createTable('revocation_list_rule'), RULE), ['accept_hours', 'refuse_hours']).addPrimaryKeyConstraint('revocation_list_rule_key', ['tenant', 'anchor']),
];

type Table = CreateTableBuilder<string, string>;

const withTexts = (table: Table, columns: readonly string[]): Table => columns.reduce((made, column) => made.addColumn(column, 'text', (it) => it.notNull()), table);
const withNumbers = (table: Table, columns: readonly string[]): Table => columns.reduce((made, column) => made.addColumn(column, 'integer', (it) => it.notNull()), table);
