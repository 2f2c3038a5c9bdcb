/** The chain in the database itself: several processes, damage from outside, and what it costs. */
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { auditEntry } from '../../../src/domain/audit/audit-entry.ts';
import { ReadAudit } from '../../../src/domain/usecases/read-audit.ts';
import { aDevice, aDeviceId, aTenantId, NOW } from '../../support/certificate-builders.ts';
import { child, gone } from './children.ts';
import { scratch, storesOn } from './open-stores.ts';

let place: ReturnType<typeof scratch>;
let stores: ReturnType<typeof storesOn>;
beforeEach(() => {
  place = scratch();
  stores = storesOn({ file: place.file });
});
afterEach(async () => {
  await stores.db.close();
  place.clear();
});

const said = (subject: string, tenant = 'main') => auditEntry({ what: 'device.registered', tenant, by: 'main/admin', subject }, NOW);
const verified = async () => new ReadAudit(stores).verify();
const found = async () => (await verified()).flatMap(({ tenant, problems }) => problems.map(({ kind, seq }) => `${tenant} ${kind} ${seq}`));
function damage(sql: string): void {
  const db = new Sqlite(place.file);
  db.exec(sql);
  db.close();
}

it('F26 three processes make one chain of what they write at once', async () => {
  const writers = ['a', 'b', 'c'].map((name) => child('./audit-many.ts', place.file, name));
  await Promise.all(writers.map(gone));
  expect(writers.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
  expect(await verified()).toMatchObject([{ tenant: 'main', rows: 600, problems: [], complete: true }]);
  const authors = (await stores.trail.list('main', { after: 0 }, 600)).map(({ by }) => by);
  expect(new Set(authors)).toEqual(new Set(['a', 'b', 'c']));
}, 30_000);

it('D-13 a device that registers itself pays for one commit, with its record', async () => {
  const before = stores.db.commits;
  await stores.devices.register(aDevice(), [said('press-7')]);
  expect(stores.db.commits).toBe(before + 1);
  await Promise.all(Array.from({ length: 400 }, (_, i) => stores.devices.register(aDevice({ id: aDeviceId(`press-${i + 8}`) }), [said(`press-${i + 8}`)])));
  expect(stores.db.commits).toBeLessThan(before + 5);
});

describe('Damage from outside', () => {
  beforeEach(async () => {
    await stores.trail.append(Array.from({ length: 10 }, (_, i) => said(`press-${i + 1}`)));
    await stores.trail.append([said('x', 'other')]);
  });

  it.each([
    ['a row changed', "update audit_entry set actor = 'eve' where tenant = 'main' and seq = 4", ['main changed 4']],
    ['a hash changed', "update audit_entry set hash = 'x' where tenant = 'main' and seq = 4", ['main changed 4', 'main unlinked 5']],
    ['a row removed', "delete from audit_entry where tenant = 'main' and seq = 4", ['main missing 4']],
    ['the end removed', "delete from audit_entry where tenant = 'main' and seq > 7", ['main missing 8']],
    ['a chain removed', "delete from audit_entry where tenant = 'other'", ['other missing 1']],
    ['its end forgotten', "delete from audit_head where tenant = 'other'", ['other unlinked 1']],
    ['two rows swapped', "update audit_entry set seq = -5 where seq = 5; update audit_entry set seq = 5 where seq = 6; update audit_entry set seq = 6 where seq = -5", ['main reordered 5', 'main reordered 6']],
    ['a row moved to another tenant', "update audit_entry set tenant = 'other', seq = 2 where tenant = 'main' and seq = 10; update audit_head set seq = 2, hash = (select hash from audit_entry where tenant = 'other' and seq = 2) where tenant = 'other'", ['main missing 10', 'other changed 2', 'other unlinked 2']],
    ['a row put before the first', "insert into audit_entry select tenant, -1, at, actor, what, subject, state_before, state_after, former, hash from audit_entry where tenant = 'main' and seq = 1", ['main unlinked -1']],
    ['a row put behind the last', "insert into audit_entry select tenant, 11, at, actor, what, subject, state_before, state_after, former, hash from audit_entry where tenant = 'main' and seq = 3", ['main reordered 11']],
    ['nothing', 'select 1', []],
  ])('is found and placed: %s', async (_what, sql, expected) => {
    damage(sql);
    expect(await found()).toEqual(expected);
  });

  it.each([
    ['the end removed', "delete from audit_entry where tenant = 'main' and seq > 7", ['main missing 8']],
    ['its end forgotten', "delete from audit_head where tenant = 'main'", []],
    ['all removed', 'delete from audit_entry', ['main missing 1', 'other missing 1']],
  ])('hinders no change, and is not healed by one: %s', async (_what, sql, expected) => {
    damage(sql);
    expect(await stores.devices.register(aDevice({ tenant: aTenantId() }), [said('after')])).toBe('registered');
    expect(await found()).toEqual(expected);
    expect((await stores.trail.list('main', {}, 1))[0]).toMatchObject({ seq: 11, subject: 'after' });
  });

  it('reads long chains in pages', async () => {
    for (let i = 0; i < 5; i += 1) await stores.trail.append(Array.from({ length: 200 }, (_, k) => said(`${i}-${k}`)));
    expect(await verified()).toMatchObject([{ rows: 1_010, problems: [] }, { rows: 1, problems: [] }]);
  });
});
