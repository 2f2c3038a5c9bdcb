import type { Log } from '../../ports/driven/log.ts';
import type { Database } from './database.ts';
import { migrate } from './migrate.ts';
import { prepared, tables } from './query.ts';
import { Reader } from './reader.ts';
import { prepareFile } from './sqlite-file.ts';
import { Writer } from './writer.ts';

export interface OpenOptions {
  readonly file: string;
  readonly log: Log;
  readonly lockWaitMs?: number;
  readonly queueLimit?: number;
  /** Told how many seconds each commit took. */
  readonly whenCommitted?: (seconds: number) => void;
}

/** A `Database` on one SQLite file, which tells how often it has committed. */
export interface SqliteDatabase extends Database {
  readonly commits: number;
}

/**
 * Opens the file, making or migrating it where needed. This alone happens on the calling thread: nobody is served before it is done.
 * Throws a sentence that says what to do.
 */
export function openDatabase({ file, log, lockWaitMs = 30_000, queueLimit = 20_000, whenCommitted }: OpenOptions): SqliteDatabase {
  prepareFile(file);
  migrate({ file, lockWaitMs, log });
  const reader = new Reader({ file });
  const writer = new Writer({ file, lockWaitMs, queueLimit, log, ...(whenCommitted && { whenCommitted }) });
  return {
    get commits() {
      return writer.commits;
    },
    read: (query) => reader.all(query),
    write: (unit) => writer.write(unit),
    async probe() {
      await Promise.all([reader.all(ANSWERS({})), writer.probe()]);
    },
    close() {
      // The reader goes first: the last connection of all folds the log into the file and removes it, which a reader may not.
      reader.close();
      return writer.close();
    },
  };
}

const ANSWERS = prepared((_: object) => tables.selectFrom('admission_epoch').select('id'));
