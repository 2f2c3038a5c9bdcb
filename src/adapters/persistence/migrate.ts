import type Sqlite from 'better-sqlite3';
import type { Log } from '../../ports/driven/log.ts';
import { codeOf, databaseFailure, isBusy, wordsOf } from './database-failure.ts';
import { MIGRATIONS, type Migration } from './migrations/all-migrations.ts';
import { openForReading, openForWriting } from './sqlite-file.ts';

export interface MigrateOptions {
  readonly file: string;
  readonly lockWaitMs: number;
  readonly log: Log;
  readonly migrations?: readonly Migration[];
}

/**
 * Brings the file to the schema of this program, all missing steps in one transaction: a crash in the middle leaves the former schema,
 * whole. (Kysely's own migrator leaves half of a failed step behind on SQLite.) Where nothing is missing nothing is written, so that a
 * start waits for nobody's lock.
 */
export function migrate({ file, lockWaitMs, log, migrations = MIGRATIONS }: MigrateOptions): void {
  let db: Sqlite.Database | undefined;
  try {
    db = openForWriting(file, lockWaitMs);
    if (knownVersionOf(db, migrations.length, file) === migrations.length) return;
    db.exec('begin immediate'); // another process may have been faster
    const before = knownVersionOf(db, migrations.length, file);
    for (const [i, migration] of migrations.entries()) if (i >= before) apply(db, i + 1, migration);
    db.exec('commit');
    log.info({ file, from: before, to: migrations.length }, 'The database schema is up to date.');
  } catch (error) {
    throw explained(error, file);
  } finally {
    db?.close(); // rolls back what is not committed
  }
}

/** As `versionOf`, of a file that is there; it only looks. */
export function versionOfSqlite(file: string): number {
  const db = openForReading(file);
  try {
    return versionOf(db);
  } catch (error) {
    throw explained(error, file);
  } finally {
    db.close();
  }
}

/** How many migrations the file has seen. They are numbered from 1 and never leave. */
function versionOf(db: Sqlite.Database): number {
  const known = db.prepare("select 1 from sqlite_schema where type = 'table' and name = 'schema_version'").get();
  if (known === undefined) return 0;
  return (db.prepare('select max(version) as version from schema_version').get() as { version: number | null }).version ?? 0;
}

function knownVersionOf(db: Sqlite.Database, known: number, file: string): number {
  const version = versionOf(db);
  if (version > known)
    throw databaseFailure(
      'database-newer',
      `The database ${file} has schema version ${version}; this Fleetgate knows versions up to ${known}. Start the newer Fleetgate that wrote it, or restore the backup made before the upgrade.`,
    );
  return version;
}

function apply(db: Sqlite.Database, version: number, { name, up }: Migration): void {
  for (const { sql, parameters } of up()) db.prepare(sql).run(...parameters);
  db.exec('create table if not exists schema_version (version integer primary key, name text not null)');
  db.prepare('insert into schema_version (version, name) values (?, ?)').run(version, name);
}

function explained(error: unknown, file: string): unknown {
  if (isBusy(error))
    return databaseFailure('database-locked', `The database ${file} is locked by another process, so that its schema could not be checked. End that process and start again.`, error);
  if (codeOf(error).startsWith('database-')) return error;
  return databaseFailure('database-unusable', `The database ${file} could not be opened or brought to the present schema (${wordsOf(error)}). If it is no SQLite file, name another one in FLEETGATE_DATABASE_URL; if it is damaged, restore a backup.`, error);
}
