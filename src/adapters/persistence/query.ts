import {
  DummyDriver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type Compilable,
  type Dialect,
} from 'kysely';
import type { Schema } from './schema.ts';

/** What both sides bind and get back. */
export type Value = string | number | null;

/** A compiled statement with its values. It crosses threads, so it is plain data. */
export interface Query<Row = unknown> {
  readonly sql: string;
  readonly parameters: readonly Value[];
  /** Never there: carries the type of the rows. */
  readonly __row?: Row;
}

/** Kysely as the compiler it is: types and SQL are its work, running them is `Reader`'s and `Writer`'s. */
const compileOnly: Dialect = {
  createAdapter: () => new SqliteAdapter(),
  createDriver: () => new DummyDriver(),
  createIntrospector: (db) => new SqliteIntrospector(db),
  createQueryCompiler: () => new SqliteQueryCompiler(),
};

export const tables = new Kysely<Schema>({ dialect: compileOnly });

/**
 * Compiles a query once and fills in its values at each run: building and compiling it anew costs more than SQLite needs to answer.
 *
 *     const FIND = prepared((p: { id: string }) => tables.selectFrom('tenant').selectAll().where('id', '=', p.id));
 *     FIND({ id: 'main' })
 */
export function prepared<P extends object, Row>(build: (p: P) => Compilable<Row>): (values: P) => Query<Row> {
  const slots = new Map<unknown, keyof P>();
  const { sql, parameters } = build(slotsInto(slots)).compile();
  return (values) => ({
    sql,
    parameters: parameters.map((parameter) => {
      const name = slots.get(parameter);
      return (name === undefined ? parameter : values[name]) as Value;
    }),
  });
}

/** Stands in for the values: each property is a mark that is found again among the compiled parameters. */
const slotsInto = <P extends object>(slots: Map<unknown, keyof P>): P =>
  new Proxy({} as P, {
    get(_values, name) {
      const mark = { slot: name };
      slots.set(mark, name as keyof P);
      return mark;
    },
  });
