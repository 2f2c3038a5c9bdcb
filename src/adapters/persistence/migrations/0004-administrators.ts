import { sql } from 'kysely';
import { tables } from '../query.ts';
import type { Migration } from './all-migrations.ts';

const text = (column: string) => sql`alter table administrator add column ${sql.ref(column)} text not null default ''`;
const integer = (column: string, otherwise: number) =>
  sql`alter table administrator add column ${sql.ref(column)} integer not null default ${sql.lit(otherwise)}`;

/** Administrators may be disabled and have names for people; `keeps_tenant` marks those of whom each tenant keeps one. */
export const administrators: Migration = {
  name: '0004-administrators',
  up: () =>
    [
      integer('enabled', 1),
      integer('keeps_tenant', 0),
      ...['display_name', 'first_name', 'last_name', 'email', 'password_changed_at'].map(text),
      sql`update administrator set keeps_tenant = 1 where roles like '%"ROLE_TENANT_ADMIN"%'`,
    ].map((statement) => ({ sql: statement.compile(tables).sql, parameters: [] })),
};
