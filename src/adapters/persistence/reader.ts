import { setTimeout as pause } from 'node:timers/promises';
import type Sqlite from 'better-sqlite3';
import { databaseFailure, isBusy } from './database-failure.ts';
import type { Query } from './query.ts';
import { openForReading } from './sqlite-file.ts';
import { StatementCache } from './statement-cache.ts';

const PATIENCE_MS = 1_000;
const PAUSE_MS = 5;

/**
 * Reads on the event loop, which a look-up by an index keeps for microseconds only. It never waits for a lock there: in WAL mode
 * writers do not hinder readers, and the rare moments in which SQLite says busy all the same (recovery, the last connection of another
 * process going) are slept over.
 */
export class Reader {
  readonly #db: Sqlite.Database;
  readonly #statements: StatementCache;

  constructor({ file }: { file: string }) {
    this.#db = openForReading(file);
    this.#statements = new StatementCache({ db: this.#db, capacity: 100 });
  }

  async all<Row>(query: Query<Row>): Promise<readonly Row[]> {
    const { sql, parameters } = query.for('sqlite')!;
    for (let waited = 0; ; waited += PAUSE_MS) {
      if (!this.#db.open) throw databaseFailure('database-closed', 'The database is closed: Fleetgate is shutting down.');
      try {
        return this.#statements.get(sql).all(...parameters) as Row[];
      } catch (error) {
        if (!isBusy(error)) throw error;
        if (waited >= PATIENCE_MS)
          throw databaseFailure('database-locked', `The database stayed locked for readers for ${PATIENCE_MS} ms. Close the other program that has it open exclusively.`, error);
      }
      await pause(PAUSE_MS);
    }
  }

  close(): void {
    this.#db.close();
  }
}
