import type { Compilable } from 'kysely';
import { tables } from '../query.ts';
import type { Migration } from './all-migrations.ts';

const { schema } = tables;

/** By which CAs devices came last, and which CA follows which. An empty `seen_before` is not known, an empty `end_date` was not set. */
export const paths: Migration = {
  name: '0010-paths',
  up: () =>
    [
      table('seen_path', ['tenant', 'device', 'thumbprint', 'not_after', 'ways', 'last_seen', 'seen_before'], ['tenant', 'device']),
      table('successor', ['tenant', 'fingerprint', 'successor', 'end_date', 'since', 'by'], ['tenant', 'fingerprint']),
    ].map((statement) => ({ sql: statement.compile().sql, parameters: [] })),
};

function table(name: string, columns: readonly string[], key: readonly string[]): Compilable {
  let made = schema.createTable(name);
  for (const column of columns) made = made.addColumn(column, 'text', (definition) => definition.notNull());
  return made.addPrimaryKeyConstraint(`${name}_key`, [...key] as never);
}
