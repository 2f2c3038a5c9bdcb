/** What may happen between the gate and its PostgreSQL. */
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { auditEntry } from '../../../src/domain/audit/audit-entry.ts';
import { ReadAudit } from '../../../src/domain/usecases/read-audit.ts';
import type { Database } from '../../../src/adapters/persistence/database.ts';
import { LIMITS } from '../../../src/adapters/persistence/postgres/link.ts';
import { openPostgres, type OpenPostgresOptions } from '../../../src/adapters/persistence/postgres/open-postgres.ts';
import { postgresAddressOf } from '../../../src/adapters/persistence/postgres/postgres-url.ts';
import { sql } from 'kysely';
import { Client } from 'pg';
import { compiled } from '../../../src/adapters/persistence/query.ts';
import { step } from '../../../src/adapters/persistence/unit.ts';
import { aDevice, aDeviceId, aTenant, aTenantId, NOW } from '../../support/certificate-builders.ts';
import { aFaultProxy, type FaultProxy } from '../../support/fault-proxy.ts';
import { describeOnPostgres, ownPostgres, sharedPostgres, type PostgresServer } from '../../support/postgres.ts';
import { keptLog, storesOver, type Stores } from './open-stores.ts';

const main = aTenantId();
const named = (id: string) => aDevice({ id: aDeviceId(id) });
const said = (subject: string) => auditEntry({ what: 'device.registered', tenant: 'main', by: 'main/admin', subject }, NOW);
const commits = (sent: Buffer): boolean => sent.includes('commit\0');
const through = (url: string, { port }: FaultProxy): string => url.replace(/:\d+\//, `:${port}/`);

/** Milliseconds, and how it went. */
async function timed(work: Promise<unknown>): Promise<{ readonly ms: number; readonly value?: unknown; readonly code?: string }> {
  const began = performance.now();
  const ends = () => performance.now() - began;
  return work.then((value) => ({ ms: ends(), value }), (error: { code: string }) => ({ ms: ends(), code: error.code }));
}

/** The longest time the event loop was away for, until `stop`. */
function loopWatch(): { readonly stop: () => number } {
  let last = performance.now();
  let longest = 0;
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last - 5);
    last = performance.now();
  }, 5);
  return { stop: () => (clearInterval(timer), longest) };
}

describeOnPostgres('A gate whose PostgreSQL', () => {
  let server: PostgresServer;
  let url: string;
  let line: FaultProxy;
  let db: Database;
  let stores: Stores;
  let log: ReturnType<typeof keptLog>;
  beforeAll(async () => {
    server = await sharedPostgres();
    url = await server.makeDatabase();
  }, 60_000);
  beforeEach(async () => {
    line = await aFaultProxy(server.port);
    await opens();
    await db.write(['device', 'audit_entry', 'audit_head', 'tenant'].map((table) => step(compiled(sql`delete from ${sql.table(table)}`))));
  });
  afterEach(async () => {
    line.set({});
    await db.close();
    await line.close();
  });

  async function opens(options: Partial<OpenPostgresOptions> = {}, more = ''): Promise<void> {
    log = keptLog();
    db = await openPostgres({ address: postgresAddressOf(`${through(url, line)}${more}`), log, startMs: 0, ...options });
    stores = storesOver({ db });
  }
  async function reopens(options: Partial<OpenPostgresOptions> = {}, more = ''): Promise<void> {
    await db.close();
    await opens(options, more);
  }
  const register = (id: string) => stores.devices.register(named(id), [said(id)]);
  const find = (id = 'press-7') => stores.devices.find(main, aDeviceId(id));
  const database = () => new URL(url).pathname.slice(1);

  /** Each device is there once, with one entry of the audit, in one chain. */
  async function isWhole(ids: readonly string[]): Promise<void> {
    expect((await stores.devices.listOf(main, undefined, 1_000)).map(({ id }) => id).sort()).toEqual([...ids].sort());
    const chains = await new ReadAudit(stores).verify();
    expect(chains.flatMap(({ problems }) => problems)).toEqual([]);
    expect((await stores.trail.list('main', { after: 0 }, 1_000)).map(({ subject }) => subject).sort()).toEqual([...ids].sort());
  }

  describe('is cut off in a commit', () => {
    it('F15 asks what became of it: a commit whose answer was lost is answered as what it was, and not made again', async () => {
      let cuts = 0;
      line.set({ cutAt: (sent) => (commits(sent) && cuts++ === 0 ? 'after' : undefined) });
      expect(await register('press-7')).toBe('registered');
      expect(cuts).toBeGreaterThan(0);
      expect(await register('press-7')).toBe('already-there');
      await isWhole(['press-7']);
    });

    it('F15 makes the change again where the commit never arrived', async () => {
      let cuts = 0;
      line.set({ cutAt: (sent) => (commits(sent) && cuts++ === 0 ? 'before' : undefined) });
      expect(await register('press-7')).toBe('registered');
      expect(cuts).toBe(2);
      await isWhole(['press-7']);
    });

    it('F15 says that it does not know when nobody answers any more, and repeating does no harm', async () => {
      for (const way of ['after', 'before'] as const) {
        line.set({ cutAt: (sent) => (commits(sent) ? (line.set({ isBlackHole: false, cutAt: () => 'before' }), way) : undefined) });
        const outcome = register(way);
        await expect(outcome).rejects.toMatchObject({ code: 'database-unreachable', message: expect.stringMatching(/whether the change took effect is not known\. Repeat it\.$/) });
        line.set({});
        await pause(300);
        expect(await register(way)).toBe(way === 'after' ? 'already-there' : 'registered');
      }
      await isWhole(['after', 'before']);
    }, 30_000);

    it('F15 loses and doubles nothing wherever the line is cut', async () => {
      const ids: string[] = [];
      for (let cutAfter = 350; cutAfter < 1_600; cutAfter += 61) {
        const id = `press-${cutAfter}`;
        ids.push(id);
        await db.close();
        line.set({});
        await opens();
        line.resetAll();
        line.set({ cutAfter });
        const first = await timed(register(id));
        line.set({});
        line.resetAll();
        await pause(260);
        const second = await timed(register(id));
        expect(second.code).toBeUndefined();
        if (first.value === 'registered') expect(second.value).toBe('already-there');
      }
      await isWhole(ids);
    }, 60_000);
  });

  it('F12 ends all connections: what is under way may fail, and all is well within a second, without a restart', async () => {
    await Promise.all(Array.from({ length: 40 }, (_, i) => register(`before-${i}`)));
    const underWay = Array.from({ length: 60 }, (_, i) => timed(i % 2 ? find('before-1') : register(`meanwhile-${i}`)));
    await server.ask(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database()}'`);
    for (const { code } of await Promise.all(underWay)) expect([undefined, 'database-unreachable']).toContain(code);
    await backWithin(1_000);
    const after = await Promise.all(Array.from({ length: 60 }, (_, i) => timed(i % 2 ? find('before-1') : register(`after-${i}`))));
    expect(after.flatMap(({ code }) => code ?? [])).toEqual([]);
  });

  it('F13 does not answer any more: who waits is told within 5 s, who comes then at once, the event loop is free, and all is well when it is back', async () => {
    await Promise.all([register('press-7'), find()]);
    const loop = loopWatch();
    line.set({ isBlackHole: true });
    const waiting = [find(), register('press-8'), stores.tenants.find(main), db.probe()].map(timed);
    for (const { ms, code } of await Promise.all(waiting)) {
      expect(code).toMatch(/^database-(unreachable|slow)$/);
      expect(ms).toBeLessThan(5_000);
    }
    const later = await Promise.all(Array.from({ length: 500 }, () => timed(find())));
    // One of them tries whether it is back.
    expect(later.filter(({ ms, code }) => ms < 1_000 && code === 'database-unreachable').length).toBeGreaterThanOrEqual(499);
    expect(loop.stop()).toBeLessThan(1_000); // a neighbour on the machine may take some of it
    expect(log.errors.filter(({ sentence }) => sentence.includes('cannot be reached'))).toHaveLength(1);
    line.set({});
    await backWithin(5_000);
    expect(await find()).toEqual(named('press-7'));
  }, 30_000);

  async function backWithin(ms: number): Promise<void> {
    const until = performance.now() + ms;
    for (;;) {
      const [read, write, probe] = await Promise.all([timed(find()), timed(register(`back-${performance.now()}`)), timed(db.probe())]);
      if ([read, write, probe].every(({ code }) => code === undefined)) return;
      if (performance.now() > until) throw new Error(`not back within ${ms} ms: ${JSON.stringify([read, write, probe])}`);
      await pause(50);
    }
  }

  it('F14 answers after 500 ms: what is too much is refused soon, and nothing queues without bound', async () => {
    await reopens({ queueLimit: 300 });
    await register('press-7');
    line.set({ latencyMs: 250 });
    const all = await Promise.all(Array.from({ length: 2_000 }, (_, i) => timed(i % 10 ? find() : register(`far-${i}`))));
    expect(Math.max(...all.map(({ ms }) => ms))).toBeLessThan(12_000);
    expect(all.filter(({ code }) => code === 'database-overloaded').length).toBeGreaterThan(1_000);
    expect(all.filter(({ code }) => code === undefined).length).toBeGreaterThan(100);
    expect([...new Set(all.map(({ code }) => code))].filter((code) => ![undefined, 'database-overloaded', 'database-unreachable'].includes(code))).toEqual([]);
  }, 40_000);

  it('F14 has a line of 1 kB/s: nothing waits for longer than the time limits', async () => {
    await register('press-7');
    line.set({ bytesPerSecond: 1_000 });
    const all = await Promise.all(Array.from({ length: 400 }, () => timed(find())));
    expect(Math.max(...all.map(({ ms }) => ms))).toBeLessThan(12_000);
    line.set({});
    line.resetAll();
    await backWithin(5_000);
  }, 40_000);

  it('F16 takes no writes: they are refused with a sentence, what is known is read, it is not ready, and all is well afterwards', async () => {
    await register('press-7');
    await server.ask(`alter database ${database()} set default_transaction_read_only = on`);
    await reopensLinks();
    await expect(register('press-8')).rejects.toMatchObject({ code: 'database-read-only', message: expect.stringContaining('It takes no writes') });
    await expect(db.probe()).rejects.toMatchObject({ code: 'database-read-only' });
    expect(await find()).toEqual(named('press-7'));
    await server.ask(`alter database ${database()} reset default_transaction_read_only`);
    await reopensLinks();
    await db.probe();
    expect(await register('press-8')).toBe('registered');
  });

  /** Settings of a database are for connections that come. */
  async function reopensLinks(): Promise<void> {
    line.resetAll();
    await pause(20);
  }

  it('F16 has fewer connections for it than it may have: it makes do with those it gets', async () => {
    await server.ask('do $$ begin if not exists (select from pg_roles where rolname = \'few\') then create role few login superuser; end if; end $$');
    await server.ask(`grant all on database ${database()} to few`);
    await server.ask('alter role few nosuperuser connection limit 3');
    await server.ask('grant all on all tables in schema public to few', database());
    await db.close();
    const few = await openPostgres({ address: postgresAddressOf(through(url, line).replace('fleetgate@', 'few@')), log: keptLog(), startMs: 0 });
    db = few;
    stores = storesOver({ db: few });
    const all = await Promise.all(Array.from({ length: 300 }, (_, i) => timed(i % 3 ? find() : register(`few-${i}`))));
    expect(all.filter(({ code }) => code !== undefined && code !== 'database-overloaded')).toEqual([]);
    expect((await Promise.all(Array.from({ length: 300 }, (_, i) => timed(i % 3 ? find() : register(`more-${i}`))))).flatMap(({ code }) => code ?? [])).toEqual([]);
  });

  it.each([['at once', false], ['when its statements are known', true]])('F17 has a table locked, %s: only what needs it waits, and is told soon; all the rest goes on', async (_when, isWarm) => {
    await reopens({ limits: { ...LIMITS, lockMs: 400 } });
    await stores.tenants.create(aTenant());
    if (isWarm) await Promise.all(Array.from({ length: 20 }, (_, i) => Promise.all([find(), register(`warm-${i}`)])));
    const holder = new Client({ connectionString: url });
    await holder.connect();
    await holder.query('begin; lock table device in access exclusive mode');
    try {
      const dependent = Array.from({ length: 50 }, (_, i) => [timed(find(`press-${i}`)), timed(register(`press-${i}`))]).flat();
      for (let i = 0; i < 10; i += 1) {
        const others = [stores.tenants.find(main), stores.tenants.setOption(main, 'c', 'k', String(i)), db.probe(), stores.epoch.current()].map(timed);
        for (const { ms, code } of await Promise.all(others)) {
          expect(code).toBeUndefined();
          expect(ms).toBeLessThan(300);
        }
        await pause(50);
      }
      for (const { ms, code } of await Promise.all(dependent)) {
        expect(code).toMatch(/^database-(locked|overloaded)$/);
        expect(ms).toBeLessThan(5_000);
      }
    } finally {
      await holder.end();
    }
    expect(await register('press-7')).toBe('registered');
  }, 30_000);
});

describeOnPostgres('A gate whose PostgreSQL crashes', () => {
  it('F11 is refused at once while it is away, and serves again within 5 s of its return, without a restart', async () => {
    const server = await ownPostgres();
    const log = keptLog();
    const db = await openPostgres({ address: postgresAddressOf(await server.makeDatabase()), log, startMs: 0 });
    const { devices } = storesOver({ db });
    for (const id of ['a', 'b', 'c']) expect(await devices.register(named(id))).toBe('registered');
    server.stop('immediate');
    for (let i = 0; i < 20; i += 1) {
      const burst = await Promise.all([...Array.from({ length: 50 }, () => timed(devices.find(main, aDeviceId('a')))), timed(devices.register(named(`away-${i}`))), timed(db.probe())]);
      for (const { ms, code } of burst) {
        expect(code).toBe('database-unreachable');
        expect(ms).toBeLessThan(1_000);
      }
      await pause(25);
    }
    server.start();
    const since = performance.now();
    let again = await timed(devices.register(named('back')));
    for (; again.code !== undefined && performance.now() - since < 5_000; again = await timed(devices.register(named('back')))) await pause(50);
    expect(again.value).toBe('registered');
    expect((await devices.listOf(main, undefined, 9)).map(({ id }) => id)).toEqual(['a', 'b', 'back', 'c']);
    expect(log.errors).toHaveLength(1);
    await db.close();
    server.end();
  }, 60_000);
});
