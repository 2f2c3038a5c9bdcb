import type { Query, Value } from './query.ts';

/** One statement of a unit, run once for each list of values. */
export interface Step {
  readonly sql: string;
  readonly runs: readonly (readonly Value[])[];
  /** Undoes the whole unit, which then answers `otherwise`, unless the runs changed (or, where it returns rows, returned) so many rows. */
  readonly guard?: { readonly rows: number; readonly otherwise: string };
}

/** Statements that take effect together or not at all. */
export type Unit = readonly Step[];

export interface StepResult {
  /** Rows changed or returned, for each run. */
  readonly changes: readonly number[];
  readonly rows: readonly unknown[];
}

export type UnitAnswer =
  | { readonly kind: 'done'; readonly results: readonly StepResult[] }
  | { readonly kind: 'undone'; readonly otherwise: string }
  | { readonly kind: 'failed'; readonly code: string; readonly sentence: string };

/** What goes to the writer thread. */
export type Order =
  | {
      readonly kind: 'batch';
      readonly units: readonly Unit[];
      /** `process.hrtime.bigint()`, which all threads share: after it nobody waits for the lock any longer. */
      readonly until: bigint;
    }
  | { readonly kind: 'close' };

/** What comes back for a batch, in the order of its units. */
export type Report = readonly UnitAnswer[];

export const step = ({ sql, parameters }: Query): Step => ({ sql, runs: [parameters] });

/** The same statement for many values. `queries` must all be of one `prepared`. */
export const steps = (queries: readonly [Query, ...Query[]]): Step => ({
  sql: queries[0].sql,
  runs: queries.map(({ parameters }) => parameters),
});

export const guarded = (query: Query, rows: number, otherwise: string): Step => ({ ...step(query), guard: { rows, otherwise } });
