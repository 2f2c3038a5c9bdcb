import { tables } from '../query.ts';
import type { Migration } from './all-migrations.ts';

/** How many devices registered themselves, by CA and by tenant, in the hour that was counted last. */
export const newDevices: Migration = {
  name: '0014-new-devices',
  up: () => {
    const table = tables.schema
      .createTable('new_devices')
      .addColumn('tenant', 'text', (definition) => definition.notNull())
      .addColumn('counted_of', 'text', (definition) => definition.notNull())
      .addColumn('hour', 'integer', (definition) => definition.notNull())
      .addColumn('count', 'integer', (definition) => definition.notNull())
      .addPrimaryKeyConstraint('new_devices_key', ['tenant', 'counted_of']);
    return [{ sql: table.compile().sql, parameters: [] }];
  },
};
