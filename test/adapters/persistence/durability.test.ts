import { existsSync, statSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { compiled } from '../../../src/adapters/persistence/query.ts';
import { step } from '../../../src/adapters/persistence/unit.ts';
import { aDevice, aDeviceId, aTenantId, anAnchor } from '../../support/certificate-builders.ts';
import { child, gone } from './children.ts';
import { scratch, storesOn } from './open-stores.ts';

const named = (id: string) => aDevice({ id: aDeviceId(id) });
const main = aTenantId();

describe('A SQLite database that is killed', () => {
  it.each([1, 40, 400])(
    'A06 F01 F02 has every device, once, whose registration was acknowledged before kill -9 after %i of them',
    async (enough) => {
      const place = scratch();
      const killed = child('./register-until-killed.ts', place.file, 'press');
      let printed = '';
      let lines = 0;
      killed.stdout.on('data', (chunk: Buffer) => {
        printed += chunk.toString();
        lines += chunk.filter((byte) => byte === 10).length;
        if (lines >= enough) killed.kill('SIGKILL');
      });
      await gone(killed);
      // What comes after the last line end is an id that was cut.
      const acknowledged = printed.split('\n').slice(0, -1);
      expect(acknowledged.length).toBeGreaterThanOrEqual(enough);

      const { db, devices } = storesOn({ file: place.file });
      const stored = (await devices.listOf(main, undefined, 50_000)).map(({ id }) => id as string);
      const once = new Set(stored);
      expect(once.size).toBe(stored.length);
      expect(acknowledged.filter((id) => !once.has(id))).toEqual([]);
      // Those that were stored and not acknowledged connect again like known ones.
      for (const id of stored.slice(-50)) expect(await devices.register(named(id))).toBe('already-there');
      await db.close();
      const check = new Sqlite(place.file, { readonly: true });
      expect(check.pragma('integrity_check', { simple: true })).toBe('ok');
      check.close();
      place.clear();
    },
    60_000,
  );
});

describe('A SQLite database', () => {
  let place: ReturnType<typeof scratch>;
  beforeEach(() => {
    place = scratch();
  });
  afterEach(() => place.clear());

  it('commits what comes together in one transaction, at most 500 units in each', async () => {
    const { db, devices } = storesOn({ file: place.file });
    await Promise.all(Array.from({ length: 1_000 }, (_, i) => devices.register(named(`press-${i}`))));
    expect(db.commits).toBe(2);
    await Promise.all(Array.from({ length: 501 }, (_, i) => devices.register(named(`press-${i}`))));
    expect(db.commits).toBe(4);
    await devices.register(named('alone'));
    expect(db.commits).toBe(5);
    await db.close();
  });

  it('lets another process see a write as soon as it resolved', async () => {
    const { db, devices } = storesOn({ file: place.file });
    const other = new Sqlite(place.file, { readonly: true });
    const count = other.prepare<[], { n: number }>('select count(*) as n from device');
    for (let i = 1; i <= 20; i += 1) {
      await devices.register(named(`press-${i}`));
      expect(count.get()?.n).toBe(i);
    }
    other.close();
    await db.close();
  });

  it('refuses more writes than its queue holds, and takes them again when there is room', async () => {
    const { db, devices } = storesOn({ file: place.file, queueLimit: 10 });
    const answers = await Promise.allSettled(Array.from({ length: 12 }, (_, i) => devices.register(named(`press-${i}`))));
    expect(answers.map(({ status }) => status)).toEqual([...Array.from({ length: 10 }, () => 'fulfilled'), 'rejected', 'rejected']);
    expect(answers[10]).toMatchObject({ reason: { code: 'database-overloaded', message: '10 writes wait for the disk already. Try again in a moment.' } });
    expect(await devices.register(named('press-11'))).toBe('registered');
    await db.close();
  });

  it('makes durable what was accepted before it closed, then refuses reads and writes with a sentence', async () => {
    const stores = storesOn({ file: place.file });
    const accepted = Array.from({ length: 1_200 }, (_, i) => stores.devices.register(named(`press-${i}`)));
    const closed = stores.db.close();
    await expect(stores.devices.register(named('late'))).rejects.toMatchObject({ code: 'database-closed' });
    await expect(stores.devices.find(main, aDeviceId('late'))).rejects.toMatchObject({ code: 'database-closed' });
    expect(new Set(await Promise.all(accepted))).toEqual(new Set(['registered']));
    await closed;
    await stores.db.close();
    const again = storesOn({ file: place.file });
    expect(await again.devices.listOf(main, undefined, 5_000)).toHaveLength(1_200);
    await again.db.close();
  });

  it('folds its log into the file when it closes, so that the file alone is a backup', async () => {
    const { db, devices } = storesOn({ file: place.file });
    await devices.register(aDevice());
    expect(existsSync(`${place.file}-wal`)).toBe(true);
    await db.close();
    expect([existsSync(`${place.file}-wal`), existsSync(`${place.file}-shm`)]).toEqual([false, false]);
  });

  it('is readable by its owner alone, side files too, also when the file was open to all before', async () => {
    const modes = () => ['', '-wal', '-shm'].map((side) => (statSync(`${place.file}${side}`).mode & 0o777).toString(8));
    const old = process.umask(0);
    try {
      const first = storesOn({ file: place.file });
      await first.devices.register(aDevice());
      expect(modes()).toEqual(['600', '600', '600']);
      await first.db.close();
      const loose = new Sqlite(`${place.file}2`);
      loose.exec('create table t (a)');
      loose.close();
      expect((statSync(`${place.file}2`).mode & 0o777).toString(8)).toBe('644');
      const second = storesOn({ file: `${place.file}2` });
      expect((statSync(`${place.file}2`).mode & 0o777).toString(8)).toBe('600');
      await second.db.close();
    } finally {
      process.umask(old);
    }
  });

  it('does not let a failed unit spoil those that are committed with it', async () => {
    const { db, devices } = storesOn({ file: place.file });
    const defect = { ...named('defect'), details: 7n } as unknown as ReturnType<typeof aDevice>;
    const units = ['a', 'b'].map((id) => devices.register(named(id)));
    const bad = db.write([step(compiled(sql`insert into device (tenant, id) values ('main', 'half')`))]);
    const after = devices.register(named('c'));
    await expect(bad).rejects.toMatchObject({ code: 'SQLITE_CONSTRAINT_NOTNULL' });
    await expect(devices.register(defect)).rejects.toThrow();
    expect(await Promise.all([...units, after])).toEqual(['registered', 'registered', 'registered']);
    expect((await devices.listOf(main, undefined, 9)).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    await db.close();
  });

  it('undoes a unit whole when its guard does not hold, and keeps its neighbours', async () => {
    const { db, tenants, anchors, epoch } = storesOn({ file: place.file });
    const before = await epoch.current();
    const [option, , removed] = await Promise.all([
      tenants.setOption(main, 'a', 'b', 'c'),
      anchors.add(anAnchor(), before + 7),
      anchors.remove(main, anAnchor().certificate.fingerprint),
    ]);
    expect([option, removed]).toEqual([undefined, false]);
    expect(await epoch.current()).toBe(before + 1);
    expect(await tenants.option(main, 'a', 'b')).toBe('c');
    await db.close();
  });
});

