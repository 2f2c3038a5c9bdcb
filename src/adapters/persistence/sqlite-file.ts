import { chmodSync, closeSync, fchmodSync, fstatSync, mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import Sqlite from 'better-sqlite3';
import { provideAuditHash } from './audit-hash.ts';
import { databaseFailure, wordsOf } from './database-failure.ts';

const MODE = 0o600;

/** The file that `sqlite:<file>` names, absolute. */
export function sqliteFileOf(url: string): string {
  const path = /^sqlite:(?!:memory:)(.+)$/.exec(url)?.[1];
  if (path === undefined)
    throw databaseFailure(
      'database-url',
      `The database URL must be sqlite:<file>, for example sqlite:./data/fleetgate.sqlite; it is "${withoutPassword(url)}". Correct FLEETGATE_DATABASE_URL.`,
    );
  return resolve(path);
}

const withoutPassword = (url: string): string => url.replace(/\/\/.*@/, '//…@').slice(0, 200);

/**
 * Makes the file, readable by its owner alone, before SQLite sees it: SQLite gives `-wal` and `-shm` the mode of the file
 * (sqlite.org/walformat.html), so there is no moment in which one of them is open to others.
 */
export function prepareFile(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const descriptor = openSync(file, 'a', MODE);
    if ((fstatSync(descriptor).mode & 0o777) !== MODE) fchmodSync(descriptor, MODE);
    closeSync(descriptor);
  } catch (error) {
    throw databaseFailure(
      'database-file',
      `The database file ${file} cannot be opened for writing (${wordsOf(error)}). Make its folder writable for the user Fleetgate runs as, or name another one in FLEETGATE_DATABASE_URL.`,
      error,
    );
  }
  for (const side of ['-wal', '-shm']) closeToOthers(`${file}${side}`);
}

/** For side files that an older run or a restored backup left behind. */
function closeToOthers(file: string): void {
  try {
    chmodSync(file, MODE);
  } catch {
    // It is not there, as after every clean end.
  }
}

/** A connection that writes. It waits up to `waitMs`, blocking its thread, for another process's lock. */
export function openForWriting(file: string, waitMs: number): Sqlite.Database {
  const db = new Sqlite(file, { timeout: waitMs });
  db.pragma('journal_mode = wal');
  db.pragma('synchronous = full'); // D-13: a commit is on the disk when it returns
  db.pragma('fullfsync = on'); // macOS: without it a sync ends in the cache of the disk
  db.pragma('foreign_keys = on');
  provideAuditHash(db);
  return db;
}

/** A connection that reads and never waits. */
export function openForReading(file: string): Sqlite.Database {
  return new Sqlite(file, { readonly: true, fileMustExist: true, timeout: 0 });
}
