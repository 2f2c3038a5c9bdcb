import { token } from '../../ports/token.ts';
import type { Query } from './query.ts';
import type { StepResult, Unit } from './unit.ts';

/**
 * The seam between the stores and whatever holds their rows.
 *
 * - `read` sees what any process had committed when it was called. It does not wait for writers.
 * - `write` runs a unit whole or not at all, and resolves only after it is durable (D-13). Units take effect one after the other.
 * - A rejected promise means that the database is out of order or overloaded; the error says which, and what to do. A rejected write of
 *   a connection that broke may have taken effect: repeating it must be harmless.
 */
export interface Database {
  read<Row>(query: Query<Row>): Promise<readonly Row[]>;
  write(unit: Unit): Promise<Written>;
  /** Resolves when it answers and, as far as can be told without writing, takes writes; soon, and at little cost. */
  probe(): Promise<void>;
  /** Lets what was accepted become durable, then lets go of everything. Safe to call twice. */
  close(): Promise<void>;
}

/** `undone` carries the words of the guard that did not hold. */
export type Written =
  | { readonly kind: 'done'; readonly results: readonly StepResult[] }
  | { readonly kind: 'undone'; readonly otherwise: string };

export const Database = token<Database>('Database');
