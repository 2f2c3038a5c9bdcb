import {
  DummyDriver,
  Kysely,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type Compilable,
  type CompiledQuery,
  type Dialect,
  type RawBuilder,
  type RootOperationNode,
} from 'kysely';
import type { Schema } from './schema.ts';

/** What both sides bind and get back. */
export type Value = string | number | null;

export type Engine = 'sqlite' | 'postgres';

/** A statement in the words of one engine, with its values. Plain data: it crosses threads. */
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly Value[];
  /** Under this name a connection may keep it prepared; statements that are made anew each time have none. */
  readonly name?: string;
  /** It only looks. */
  readonly looks: boolean;
}

/** A statement with its values, for whichever engine asks. */
export interface Query<Row = unknown> {
  /** Queries of one kind differ in their values only. */
  readonly kind: string;
  /** Undefined where that engine has nothing to do. */
  readonly for: (engine: Engine) => Statement | undefined;
  /** Never there: carries the type of the rows. */
  readonly __row?: Row;
}

/** Kysely as the compiler it is: types and SQL are its work, running them is the engines'. */
const buildOnly: Dialect = {
  createAdapter: () => new SqliteAdapter(),
  createDriver: () => new DummyDriver(),
  createIntrospector: (db) => new SqliteIntrospector(db),
  createQueryCompiler: () => new SqliteQueryCompiler(),
};

export const tables = new Kysely<Schema>({ dialect: buildOnly });

const COMPILERS = { sqlite: new SqliteQueryCompiler(), postgres: new PostgresQueryCompiler() };

/** What a query is built as: by Kysely's builder or, where that has no word for it, as text. */
export type Built<Row> = Compilable<Row> | RawBuilder<Row>;
/** Texts that differ too much to be one. `undefined` is nothing to do. */
export type BuiltForEach<Row> = Readonly<Record<Engine, Built<Row> | undefined>>;

/**
 * Builds a query once and fills in its values at each run: building and compiling it anew costs more than SQLite needs to answer. It is
 * compiled for an engine when that asks first.
 *
 *     const FIND = prepared((p: { id: string }) => tables.selectFrom('tenant').selectAll().where('id', '=', p.id));
 *     FIND({ id: 'main' })
 */
export function prepared<P extends object, Row>(build: (p: P) => Built<Row> | BuiltForEach<Row>): (values: P) => Query<Row> {
  const slots = new Map<unknown, keyof P>();
  const built = build(slotsInto(slots));
  const each = isForEach(built) ? built : { sqlite: built, postgres: built };
  const name = `q${(named += 1)}`;
  const compiled: { [E in Engine]?: Statement | null } = {};
  return (values) => ({
    kind: name,
    for: (engine) => {
      const statement = (compiled[engine] ??= each[engine] ? { ...compileFor(engine, each[engine]), name } : null);
      if (statement === null) return undefined;
      return { ...statement, parameters: statement.parameters.map((parameter) => {
        const slot = slots.get(parameter);
        return slot === undefined ? parameter : (values[slot] as Value);
      }) };
    },
  });
}

let named = 0;

/** A query that is made of what was asked for, and so anew each time. */
export const compiled = <Row>(built: Built<Row>): Query<Row> => ({ kind: 'other', for: (engine) => compileFor(engine, built) });

const isForEach = <Row>(built: Built<Row> | BuiltForEach<Row>): built is BuiltForEach<Row> => 'sqlite' in built && 'postgres' in built;

function compileFor<Row>(engine: Engine, built: Built<Row>): Statement {
  const { query, queryId }: CompiledQuery<Row> = 'isRawBuilder' in built ? built.compile(tables) : built.compile();
  const { sql, parameters } = COMPILERS[engine].compileQuery(query as RootOperationNode, queryId);
  return { sql, parameters: parameters as readonly Value[], looks: query.kind === 'SelectQueryNode' };
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
