import type { Compilable, CreateTableBuilder } from 'kysely';
import { tables } from '../query.ts';
import type { Migration } from './all-migrations.ts';

const { schema } = tables;

/** What OCSP responders said of which certificates, certificates of the issuers between, and what each tenant asks of a CA's responders. */
export const ocsp: Migration = {
  name: '0011-ocsp',
  up: () => made().map((statement) => ({ sql: statement.compile().sql, parameters: [] })),
};

const ASKED = ['tenant', 'anchor', 'fingerprint', 'serial_number', 'issuer_key', 'issued_by', 'not_after', 'ask_at', 'wanted_until', 'problem'] as const;
/** Empty where no responder has answered. */
const ANSWER = ['status', 'this_update', 'fresh_until', 'reason', 'revoked_since', 'answered_by', 'received_at'] as const;

const made = (): readonly Compilable[] => [
  withNumbers(withTexts(schema.createTable('ocsp_certificate'), [...ASKED, ...ANSWER]), ['failures']).addPrimaryKeyConstraint('ocsp_certificate_key', ['tenant', 'anchor', 'fingerprint']),
  schema.createIndex('ocsp_certificate_serial').on('ocsp_certificate').columns(['tenant', 'serial_number']),
  schema.createIndex('ocsp_certificate_print').on('ocsp_certificate').columns(['tenant', 'fingerprint']),
  schema.createIndex('ocsp_certificate_due').on('ocsp_certificate').columns(['tenant', 'anchor', 'ask_at', 'fingerprint']),
  withTexts(schema.createTable('ocsp_issuer'), ['tenant', 'fingerprint', 'der_base64']).addPrimaryKeyConstraint('ocsp_issuer_key', ['tenant', 'fingerprint']),
  withNumbers(withTexts(schema.createTable('ocsp_rule'), ['tenant', 'anchor', 'urls']), ['hard', 'accept_hours', 'refuse_hours']).addPrimaryKeyConstraint('ocsp_rule_key', ['tenant', 'anchor']),
];

type Table = CreateTableBuilder<string, string>;

const withTexts = (table: Table, columns: readonly string[]): Table => columns.reduce((made, column) => made.addColumn(column, 'text', (it) => it.notNull()), table);
const withNumbers = (table: Table, columns: readonly string[]): Table => columns.reduce((made, column) => made.addColumn(column, 'integer', (it) => it.notNull()), table);
