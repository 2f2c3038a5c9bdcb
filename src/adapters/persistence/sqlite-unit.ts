import type { Statement, Value } from './query.ts';
import type { Step, Unit, UnitAnswer } from './unit.ts';

/** A step as the writer thread gets it: plain data. */
export interface SqliteStep {
  readonly sql: string;
  readonly runs: readonly (readonly Value[])[];
  readonly guard?: Step['guard'];
}

export type SqliteUnit = readonly SqliteStep[];

/** What goes to the writer thread. */
export type Order =
  | {
      readonly kind: 'batch';
      readonly units: readonly SqliteUnit[];
      /** `process.hrtime.bigint()`, which all threads share: after it nobody waits for the lock any longer. */
      readonly until: bigint;
    }
  | { readonly kind: 'close' };

/** What comes back for a batch, in the order of its units. */
export type Report = readonly UnitAnswer[];

/** A step that SQLite has no use for keeps its place in the results. */
const NOTHING: SqliteStep = { sql: 'select 1 where false', runs: [] };

export const toSqlite = (unit: Unit): SqliteUnit => unit.map(stepOf);

function stepOf({ runs, guard }: Step): SqliteStep {
  const [first, ...others] = runs.map((query) => query.for('sqlite')) as [Statement | undefined, ...Statement[]];
  if (first === undefined) return NOTHING;
  return { sql: first.sql, runs: [first, ...others].map(({ parameters }) => parameters), ...(guard && { guard }) };
}
