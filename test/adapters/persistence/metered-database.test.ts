import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { sql } from 'kysely';
import { InMemoryMetrics } from '../../../src/adapters/metrics/in-memory-metrics.ts';
import { meteredDatabase } from '../../../src/adapters/persistence/metered-database.ts';
import { compiled } from '../../../src/adapters/persistence/query.ts';
import { step, type Step } from '../../../src/adapters/persistence/unit.ts';
import { openDatabase, type SqliteDatabase } from '../../../src/adapters/persistence/open-database.ts';
import type { FigureName } from '../../../src/ports/figures/catalogue.ts';
import type { Sample, TimeSample } from '../../../src/ports/figures/figure.ts';
import { keptLog, scratch } from './open-stores.ts';

const plain = (text: string): Step => step(compiled(sql.raw(text)));

describe('A metered database', () => {
  const place = scratch();
  let metrics: InMemoryMetrics;
  let db: SqliteDatabase;
  beforeEach(() => {
    metrics = new InMemoryMetrics({ log: keptLog() });
    db = openDatabase({ file: join(place.folder, 'metered.sqlite'), log: keptLog(), whenCommitted: (seconds) => metrics.took('fleetgate_store_seconds', { operation: 'commit' }, seconds) });
  });
  afterEach(async () => {
    await db.close();
    place.clear();
  });
  const samples = async (name: FigureName) => (await metrics.all()).find((figure) => figure.name === name)!.samples;
  const times = async () => Object.fromEntries(((await samples('fleetgate_store_seconds')) as TimeSample[]).map(({ labels, counts, sum }) => [labels['operation'], [counts.reduce((all, one) => all + one, 0), sum > 0]]));
  const failures = async () => Object.fromEntries(((await samples('fleetgate_store_failures_total')) as Sample[]).map(({ labels, value }) => [labels['operation'], value]));

  it('is the same database, and tells how long reads, writes and commits took', async () => {
    const metered = meteredDatabase(db, metrics);
    const done = await metered.write([plain('create table t (x integer)'), plain('insert into t values (7)')]);
    expect([done.kind, await metered.read(compiled(sql`select x from t`))]).toEqual(['done', [{ x: 7 }]]);
    expect(await times()).toEqual({ write: [1, true], read: [1, true], commit: [1, true] });
    expect(await failures()).toEqual({});
  });

  it('measures a read that is over before its promise is there, as those of SQLite are', async () => {
    const metered = meteredDatabase(db, metrics);
    const counting = sql`with recursive n(x) as (select 1 union all select x + 1 from n where x < 300000) select max(x) as x from n`;
    const since = performance.now();
    await metered.read(compiled(counting));
    const took = (performance.now() - since) / 1000;
    const [read] = (await samples('fleetgate_store_seconds')) as TimeSample[];
    expect(read!.sum).toBeGreaterThan(took / 2);
  });

  it('counts what was rejected, which stays rejected', async () => {
    const broken = { read: () => Promise.reject(new Error('locked')), write: () => Promise.reject(new Error('full')), probe: async () => undefined, close: async () => undefined };
    const metered = meteredDatabase(broken, metrics);
    await expect(metered.read({} as never)).rejects.toThrow('locked');
    await expect(metered.write([])).rejects.toThrow('full');
    expect([await failures(), Object.keys(await times())]).toEqual([{ read: 1, write: 1 }, ['read', 'write']]);
    await metered.close();
  });

  it('measures of several writes at once the time that each waited, and one commit', async () => {
    const metered = meteredDatabase(db, metrics);
    await metered.write([plain('create table u (x integer)')]);
    await Promise.all(Array.from({ length: 20 }, (_, i) => metered.write([plain(`insert into u values (${i})`)])));
    const { write, commit } = await times();
    expect(write).toEqual([21, true]);
    expect((commit as [number, boolean])[0]).toBe(db.commits);
  });
});
