import type { Compilable, CreateTableBuilder } from 'kysely';
import { tables } from '../query.ts';
import type { Migration } from './all-migrations.ts';

const { schema } = tables;

/** Which certificates are revoked, and who says so. Serial number, issuer and fingerprint are empty where they are not given. */
export const revocation: Migration = {
  name: '0006-revocation',
  up: () => [...made(), ...named()].map((statement) => ({ sql: statement.compile().sql, parameters: [] })),
};

/** By source first, so that a list is read and forgotten in parts without a look at the others. */
const KEY = ['tenant', 'source', 'serial_number', 'issuer_key', 'fingerprint'] as const;

const made = (): readonly Compilable[] => [
  [...KEY, 'reason', 'since', 'noted_by', 'note']
    .reduce<CreateTableBuilder<string, string>>((table, column) => table.addColumn(column, 'text', (definition) => definition.notNull()), schema.createTable('revocation'))
    .addPrimaryKeyConstraint('revocation_key', [...KEY]),
  schema.createIndex('revocation_by_serial_number').on('revocation').columns(['tenant', 'serial_number']),
  schema.createIndex('revocation_by_fingerprint').on('revocation').columns(['tenant', 'fingerprint']),
  schema.createIndex('revocation_by_source').on('revocation').columns(['tenant', 'source', 'since']),
];

/** By what a certificate that was seen can be named. No column is ever null, so that the rows that are there need a value. */
const named = (): readonly Compilable[] => [
  ...['fingerprint', 'issuer_key'].map((column) => schema.alterTable('seen_certificate').addColumn(column, 'text', (definition) => definition.notNull().defaultTo(''))),
  schema.createIndex('seen_certificate_by_fingerprint').on('seen_certificate').columns(['tenant', 'fingerprint']),
  schema.createIndex('seen_certificate_by_thumbprint').on('seen_certificate').columns(['tenant', 'thumbprint']),
];
