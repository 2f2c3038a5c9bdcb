import { types } from 'pg';
import type { Value } from '../query.ts';

/** PostgreSQL's text holds no NUL, SQLite's and JavaScript's do. A private-use letter marks what stands for it, and itself. */
const MARK = '\uE000';

/** As it is bound: texts with a NUL in them are kept all the same, and are told from all others. */
export const toPostgres = (value: Value): Value => (typeof value === 'string' && /[\0\uE000]/.test(value) ? value.replaceAll(/[\0\uE000]/g, (it) => `${MARK}${it === '\0' ? 0 : 1}`) : value);

const fromPostgres = (text: string): string => (text.includes(MARK) ? text.replaceAll(/\uE000([01])/g, (_, it) => (it === '0' ? '\0' : MARK)) : text);

const { builtins } = types;
const PARSERS: Readonly<Record<number, (text: string) => unknown>> = {
  [builtins.TEXT]: fromPostgres,
  // `pg` hands these over as text. Ours are counts and positions, all within what a number holds exactly.
  [builtins.INT8]: Number,
  [builtins.INT4]: Number,
  [builtins.NUMERIC]: Number,
};

/** How `pg` is to read columns: only text and integers are among ours. */
export const columnTypes = { getTypeParser: (oid: number) => PARSERS[oid] ?? ((text: string) => text) };
