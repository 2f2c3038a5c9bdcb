import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { batchRunner, type Connection } from '../../../src/adapters/persistence/run-batch.ts';
import { openForWriting } from '../../../src/adapters/persistence/sqlite-file.ts';
import { StatementCache } from '../../../src/adapters/persistence/statement-cache.ts';
import type { Report, SqliteUnit as Unit } from '../../../src/adapters/persistence/sqlite-unit.ts';
import { scratch } from './open-stores.ts';

const put = (text: string): Unit => [{ sql: 'insert into t (a) values (?)', runs: [[text]] }];
const kinds = (report: Report): readonly string[] => report.map((answer) => (answer.kind === 'failed' ? answer.code : answer.kind));

describe('A batch', () => {
  let place: ReturnType<typeof scratch>;
  let db: Sqlite.Database;
  beforeEach(() => {
    place = scratch();
    db = openForWriting(place.file, 0);
    db.exec('create table t (a text unique)');
  });
  afterEach(() => {
    db.close();
    place.clear();
  });

  const connection = (): Connection => ({ db, statements: new StatementCache({ db, capacity: 2 }) });
  /** The same connection on a disk whose next commit fails with `code`. */
  const failingOnce = (code: string): Connection => {
    let failures = 1;
    const exec = (sql: string): unknown => {
      if (sql === 'commit' && failures-- > 0) throw Object.assign(new Error('disk I/O error'), { code });
      return db.exec(sql);
    };
    const faulty = new Proxy(db, {
      get: (of, name) => (name === 'exec' ? exec : (Reflect.get(of, name, of) as unknown)),
    });
    return { db: faulty, statements: new StatementCache({ db, capacity: 2 }) };
  };
  const stored = (): readonly unknown[] => db.prepare('select a from t order by a').pluck().all();

  it('is synced at every commit and checks what it is told to', () => {
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(db.pragma('synchronous', { simple: true })).toBe(2);
    expect(db.pragma('foreign_keys', { simple: true })).toBe(1);
  });

  it('answers each unit in its place: done, undone, failed', () => {
    const guardedUnit: Unit = [{ sql: 'insert into t (a) values (?)', runs: [['lost']] }, { sql: 'delete from t where a = ?', runs: [['x']], guard: { rows: 1, otherwise: 'no x' } }];
    const report = batchRunner(connection())([put('a'), guardedUnit, put('a'), put('b')], 0n);
    expect(kinds(report)).toEqual(['done', 'undone', 'SQLITE_CONSTRAINT_UNIQUE', 'done']);
    expect(report[1]).toEqual({ kind: 'undone', otherwise: 'no x' });
    expect(stored()).toEqual(['a', 'b']);
  });

  it('undoes what a unit did before it failed', () => {
    const half: Unit = [...put('half'), { sql: 'insert into t (a) values (?)', runs: [['rest'], ['half']] }];
    expect(kinds(batchRunner(connection())([put('a'), half, put('rest')], 0n))).toEqual(['done', 'SQLITE_CONSTRAINT_UNIQUE', 'done']);
    expect(stored()).toEqual(['a', 'rest']);
  });

  it('counts the rows of each run, and gives back those that a statement returns', () => {
    const unit: Unit = [
      { sql: 'insert into t (a) values (?) on conflict do nothing', runs: [['a'], ['b'], ['a']] },
      { sql: 'update t set a = a || ? returning a', runs: [['1'], ['2']], guard: { rows: 4, otherwise: 'not all' } },
    ];
    expect(batchRunner(connection())([unit], 0n)).toEqual([
      {
        kind: 'done',
        results: [
          { changes: [1, 1, 0], rows: [] },
          { changes: [2, 2], rows: [{ a: 'a1' }, { a: 'b1' }, { a: 'a12' }, { a: 'b12' }] },
        ],
      },
    ]);
  });

  it('F06 after a sync failed acknowledges nothing of it, and never again anything', () => {
    const run = batchRunner(failingOnce('SQLITE_IOERR_FSYNC'));
    expect(kinds(run([put('a'), put('b')], 0n))).toEqual(['SQLITE_IOERR_FSYNC', 'SQLITE_IOERR_FSYNC']);
    expect(kinds(run([put('c')], 0n))).toEqual(['database-broken']);
    expect(kinds(run([put('d')], 0n))).toEqual(['database-broken']);
    expect(stored()).toEqual([]);
  });

  it('fails as a whole when its commit fails otherwise, and the next one works', () => {
    const run = batchRunner(failingOnce('SQLITE_IOERR_WRITE'));
    expect(kinds(run([put('a'), put('b')], 0n))).toEqual(['SQLITE_IOERR_WRITE', 'SQLITE_IOERR_WRITE']);
    expect(stored()).toEqual([]);
    expect(kinds(run([put('c')], 0n))).toEqual(['done']);
    expect(stored()).toEqual(['c']);
  });

  it('F07 is refused while the disk is full, says so, and works again when there is space', () => {
    const run = batchRunner(connection());
    db.pragma(`max_page_count = ${String(db.pragma('page_count', { simple: true }))}`);
    const report = run([put('x'.repeat(50_000))], 0n);
    expect(report).toMatchObject([{ kind: 'failed', code: 'SQLITE_FULL', sentence: 'The database refused a write: database or disk is full. Free space on its disk; no restart is needed.' }]);
    expect(db.inTransaction).toBe(false);
    db.pragma('max_page_count = 100000');
    expect(kinds(run([put('a')], 0n))).toEqual(['done']);
    expect(stored()).toEqual(['a']);
  });

  it('tries for the lock at least once, even when its time is over already', () => {
    expect(kinds(batchRunner(connection())([put('a')], 0n))).toEqual(['done']);
    const holder = new Sqlite(place.file);
    holder.exec('begin immediate');
    expect(kinds(batchRunner(connection())([put('b')], 0n))).toEqual(['database-locked']);
    holder.close();
    expect(stored()).toEqual(['a']);
  });
});

describe('A cache of statements', () => {
  it('prepares once, and forgets what was not used for longest', () => {
    const db = new Sqlite(':memory:');
    const cache = new StatementCache({ db, capacity: 2 });
    const [one, two] = [cache.get('select 1'), cache.get('select 2')];
    expect(cache.get('select 1')).toBe(one);
    cache.get('select 3');
    expect(cache.get('select 1')).toBe(one);
    expect(cache.get('select 2')).not.toBe(two);
    db.close();
  });
});
