import { sql, type Compilable, type CreateTableBuilder } from 'kysely';
import { tables } from '../query.ts';
import type { Migration } from './all-migrations.ts';

const { schema } = tables;

/**
 * The tables of the first gate. The tenant leads every key. No collation is named: SQLite compares text by its bytes (BINARY) unless
 * told otherwise, and PostgreSQL's own collations never call two different texts equal.
 */
export const gate: Migration = {
  name: '0001-gate',
  up: () => {
    const made = [...tenants(), ...trustAnchors(), device(), epoch()].map((table) => table.compile());
    const first = sql`insert into admission_epoch (id, value) values (1, 1)`.compile(tables);
    return [...made, first].map((statement) => ({ sql: statement.sql, parameters: [] }));
  },
};

const tenants = (): readonly Compilable[] => [
  table('tenant', { text: ['id', 'domain', 'status', 'created_at'], integer: ['domain_configured'], key: ['id'] }).addUniqueConstraint(
    'tenant_domain',
    ['domain'],
  ),
  table('tenant_option', { text: ['tenant', 'category', 'key', 'value'], key: ['tenant', 'category', 'key'] }),
  table('administrator', { text: ['tenant', 'name', 'password_hash', 'roles'], key: ['tenant', 'name'] }),
];

const trustAnchors = (): readonly Compilable[] => [
  table('trust_anchor', {
    text: ['tenant', 'fingerprint', 'thumbprint', 'subject_key', 'issuer_key', 'der_base64', 'name', 'status', 'added_at'],
    integer: ['auto_registration', 'inert', 'possession_proven'],
    key: ['tenant', 'fingerprint'],
  }),
  ...['subject_key', 'issuer_key', 'thumbprint'].map((column) =>
    schema.createIndex(`trust_anchor_${column}`).on('trust_anchor').column(column),
  ),
];

const device = (): Compilable =>
  table('device', { text: ['tenant', 'id', 'registered_by', 'registered_at', 'details'], key: ['tenant', 'id'] });

const epoch = (): Compilable => table('admission_epoch', { integer: ['id', 'value'], key: ['id'] });

interface Columns {
  readonly text?: readonly string[];
  readonly integer?: readonly string[];
  readonly key: readonly string[];
}

/** No column is ever null. */
function table(name: string, { text = [], integer = [], key }: Columns): CreateTableBuilder<string, string> {
  let made: CreateTableBuilder<string, string> = schema.createTable(name);
  for (const column of text) made = made.addColumn(column, 'text', (definition) => definition.notNull());
  for (const column of integer) made = made.addColumn(column, 'integer', (definition) => definition.notNull());
  return made.addPrimaryKeyConstraint(`${name}_key`, [...key]);
}
