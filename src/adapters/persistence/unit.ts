import { prepared, type Query } from './query.ts';

/** One statement of a unit, run once for each of `runs`, which are all of one `prepared`. */
export interface Step {
  readonly runs: readonly [Query, ...Query[]];
  /** Undoes the whole unit, which then answers `otherwise`, unless the runs changed (or, where it returns rows, returned) so many rows. */
  readonly guard?: { readonly rows: number; readonly otherwise: string };
  /**
   * No other unit whose steps hold the same name runs at the same time: PostgreSQL runs units beside each other, and locks all names of a
   * unit before its first step. SQLite runs one unit after the other.
   */
  readonly holds?: string;
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

export const step = (query: Query): Step => ({ runs: [query] });

/** The same statement for many values. `queries` must all be of one `prepared`. */
export const steps = (queries: readonly [Query, ...Query[]]): Step => ({ runs: queries });

export const guarded = (query: Query, rows: number, otherwise: string): Step => ({ ...step(query), guard: { rows, otherwise } });

/** The step of a unit that looks before it writes: no other unit that names the same thing runs at the same time. */
export const holding = (...thing: readonly string[]): Step => ({ ...step(NOTHING({})), holds: JSON.stringify(thing) });

const NOTHING = prepared((_: object) => ({ sqlite: undefined, postgres: undefined }));
