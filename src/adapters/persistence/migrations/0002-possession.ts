import { tables } from '../query.ts';
import type { Migration } from './all-migrations.ts';

/** Codes for the proof of possession. What was stored before has none until its tenant asks for one. */
export const possession: Migration = {
  name: '0002-possession',
  up: () =>
    ['possession_code', 'possession_code_until'].map((column) => {
      const { sql } = tables.schema.alterTable('trust_anchor').addColumn(column, 'text', (it) => it.notNull().defaultTo('')).compile();
      return { sql, parameters: [] };
    }),
};
