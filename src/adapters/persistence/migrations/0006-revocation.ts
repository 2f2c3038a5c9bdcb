import type { Compilable, CreateTableBuilder } from 'kysely';
import { tables } from '../query.ts';
import type { Migration } from './all-migrations.ts';

const { schema } = tables;

/** Which certificates are revoked, and who says so. Serial number, issuer and fingerprint are empty where they are not given. */
export const revocation: Migration = {
  name: '0006-revocation',
  up: () => made().map((statement) => ({ sql: statement.compile().sql, parameters: [] })),
};

const KEY = ['tenant', 'serial_number', 'issuer_key', 'fingerprint', 'source'] as const;

const made = (): readonly Compilable[] => [
  [...KEY, 'reason', 'since', 'noted_by', 'note']
    .reduce<CreateTableBuilder<string, string>>((table, column) => table.addColumn(column, 'text', (definition) => definition.notNull()), schema.createTable('revocation'))
    .addPrimaryKeyConstraint('revocation_key', [...KEY]),
  schema.createIndex('revocation_by_fingerprint').on('revocation').columns(['tenant', 'fingerprint']),
  schema.createIndex('revocation_by_source').on('revocation').columns(['tenant', 'source', 'since']),
];
