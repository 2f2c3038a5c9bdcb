import type Sqlite from 'better-sqlite3';

/** Prepared statements of one connection by their SQL. Bounded: the one not used for longest goes first. */
export class StatementCache {
  readonly #db: Sqlite.Database;
  readonly #capacity: number;
  readonly #statements = new Map<string, Sqlite.Statement>();

  constructor({ db, capacity }: { db: Sqlite.Database; capacity: number }) {
    this.#db = db;
    this.#capacity = capacity;
  }

  get(sql: string): Sqlite.Statement {
    const known = this.#statements.get(sql);
    const statement = known ?? this.#db.prepare(sql);
    if (known) this.#statements.delete(sql);
    this.#statements.set(sql, statement);
    if (this.#statements.size > this.#capacity) this.#statements.delete(this.#statements.keys().next().value!);
    return statement;
  }
}
