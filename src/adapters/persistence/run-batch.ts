import type Sqlite from 'better-sqlite3';
import { codeOf, isBusy, wordsOf } from './database-failure.ts';
import type { StatementCache } from './statement-cache.ts';
import type { Report, SqliteStep, SqliteUnit } from './sqlite-unit.ts';
import type { StepResult, UnitAnswer } from './unit.ts';

export interface Connection {
  readonly db: Sqlite.Database;
  readonly statements: StatementCache;
}

/**
 * Makes the function that runs batches on a connection. Once a sync of the disk has failed, the kernel may call the next one a success
 * without having the data (F06): from then on nothing is written and every unit fails.
 */
export function batchRunner(connection: Connection): (units: readonly SqliteUnit[], until: bigint) => Report {
  let brokenBy: string | undefined;
  return (units, until) => {
    if (brokenBy !== undefined) return units.map(() => broken(brokenBy!));
    const report = runBatch(connection, units, until);
    for (const answer of report) if (answer.kind === 'failed' && answer.code.endsWith('FSYNC')) brokenBy = answer.sentence;
    return report;
  };
}

const broken = (because: string): UnitAnswer => ({
  kind: 'failed',
  code: 'database-broken',
  sentence: `A sync of the disk has failed before, so that no write can be trusted any more. Check the disk, then restart Fleetgate. (${because})`,
});

/**
 * Runs the units in one transaction, each inside its own savepoint, and returns after the commit is on the disk. When the transaction
 * as a whole fails, every unit of it has failed. Never throws.
 */
function runBatch({ db, statements }: Connection, units: readonly SqliteUnit[], until: bigint): Report {
  try {
    beginBefore(db, until);
    const answers = units.map((unit) => runUnit({ db, statements }, unit));
    db.exec('commit');
    return answers;
  } catch (error) {
    undoAll(db);
    const failed = isBusy(error) ? locked(db.name) : failureOf(error);
    return units.map(() => failed);
  }
}

const locked = (file: string): UnitAnswer => ({
  kind: 'failed',
  code: 'database-locked',
  sentence: `Another process holds the write lock of ${file} for too long. End it, or let it commit, and try again.`,
});

/** `immediate`: a deferred transaction that reads first loses against another process's write, with no way to wait for it. */
function beginBefore(db: Sqlite.Database, until: bigint): void {
  for (;;) {
    try {
      db.exec('begin immediate');
      return;
    } catch (error) {
      // SQLite has waited for its busy timeout, one slice.
      if (!isBusy(error) || process.hrtime.bigint() >= until) throw error;
    }
  }
}

function runUnit(connection: Connection, unit: SqliteUnit): UnitAnswer {
  const { db } = connection;
  db.exec('savepoint unit');
  try {
    const results: StepResult[] = [];
    for (const step of unit) {
      const result = runStep(connection, step);
      if (step.guard && sum(result.changes) !== step.guard.rows) {
        undoUnit(db);
        return { kind: 'undone', otherwise: step.guard.otherwise };
      }
      results.push(result);
    }
    db.exec('release unit');
    return { kind: 'done', results };
  } catch (error) {
    // A full disk and the like end the whole transaction, and then there is no savepoint to go back to.
    if (!db.inTransaction) throw error;
    undoUnit(db);
    return failureOf(error);
  }
}

function runStep({ statements }: Connection, { sql, runs }: SqliteStep): StepResult {
  const statement = statements.get(sql);
  if (!statement.reader) return { changes: runs.map((values) => statement.run(...values).changes), rows: [] };
  const rows = runs.map((values) => statement.all(...values));
  return { changes: rows.map(({ length }) => length), rows: rows.flat() };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

function undoUnit(db: Sqlite.Database): void {
  db.exec('rollback to unit');
  db.exec('release unit');
}

function undoAll(db: Sqlite.Database): void {
  try {
    if (db.inTransaction) db.exec('rollback');
  } catch {
    // The failure that brought us here is the one to report.
  }
}

const failureOf = (error: unknown): UnitAnswer => ({
  kind: 'failed',
  code: codeOf(error) || 'database-failed',
  sentence: `The database refused a write: ${wordsOf(error)}. ${ADVICE[codeOf(error)] ?? 'Check the disk and the log, then restart Fleetgate.'}`,
});

const ADVICE: Readonly<Record<string, string>> = {
  SQLITE_FULL: 'Free space on its disk; no restart is needed.',
  SQLITE_READONLY: 'Give the user Fleetgate runs as the right to write the file and its folder.',
};
