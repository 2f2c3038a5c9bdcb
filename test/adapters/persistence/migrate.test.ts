import { mkdirSync, writeFileSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { migrate } from '../../../src/adapters/persistence/migrate.ts';
import { MIGRATIONS, type Migration } from '../../../src/adapters/persistence/migrations/all-migrations.ts';
import { prepareFile, sqliteFileOf } from '../../../src/adapters/persistence/sqlite-file.ts';
import { aDevice, aDeviceId, aTenantId } from '../../support/certificate-builders.ts';
import { child, gone } from './children.ts';
import { keptLog, scratch, storesOn } from './open-stores.ts';

const sqlOf = (...statements: readonly string[]): Migration => ({
  name: 'a step',
  up: () => statements.map((sql) => ({ sql, parameters: [] })),
});

/** Keys of tables that belong to no tenant, or hold the tenants. */
const OF_THE_INSTANCE: Readonly<Record<string, string>> = { tenant: 'id', admission_epoch: 'id', change_note: 'seq', lease: 'name', signing_key: 'kid' };

describe('The schema', () => {
  let place: ReturnType<typeof scratch>;
  beforeEach(() => {
    place = scratch();
  });
  afterEach(() => place.clear());

  const migrates = (migrations?: readonly Migration[]): void =>
    migrate({ file: place.file, lockWaitMs: 100, log: keptLog(), ...(migrations && { migrations }) });
  const ask = <Row>(sql: string): readonly Row[] => {
    const db = new Sqlite(place.file, { readonly: true });
    const rows = db.prepare<[], Row>(sql).all();
    db.close();
    return rows;
  };
  const tablesThere = (): readonly string[] =>
    ask<{ name: string }>("select name from sqlite_schema where type = 'table'").map(({ name }) => name).sort();

  it('is made in a new file, and left alone when it is there', async () => {
    migrates();
    expect(tablesThere()).toEqual([
      'administrator', 'admission_epoch', 'audit_entry', 'audit_head', 'change_note', 'child_object', 'device', 'external_id', 'lease', 'managed_object', 'new_devices', 'object_fragment', 'ocsp_certificate', 'ocsp_issuer', 'ocsp_rule', 'refusal', 'revocation', 'revocation_list', 'revocation_list_rule', 'schema_version', 'seen_certificate', 'seen_chain', 'seen_path', 'session_place', 'session_taken', 'signing_key', 'successor', 'tenant', 'tenant_option', 'trust_anchor',
      'withdrawn_token',
    ]);
    const first = storesOn({ file: place.file });
    await first.devices.register(aDevice());
    await first.db.close();
    migrates();
    expect(ask('select * from schema_version')).toEqual(MIGRATIONS.map(({ name }, i) => ({ version: i + 1, name })));
    expect(ask('select id from device')).toEqual([{ id: 'press-7' }]);
    expect(ask('select * from admission_epoch')).toEqual([{ id: 1, value: 1 }]);
  });

  it('leaves what was stored before there were codes for the proof of possession without one', async () => {
    const first = MIGRATIONS.findIndex(({ name }) => name === '0002-possession');
    migrates(MIGRATIONS.slice(0, first));
    const db = new Sqlite(place.file);
    const columns = db.prepare<[], { name: string; type: string }>("select * from pragma_table_info('trust_anchor')").all();
    const values = columns.map(({ type }) => (type === 'integer' ? '0' : "'x'")).join(', ');
    db.exec(`insert into trust_anchor (${columns.map(({ name }) => name).join(', ')}) values (${values})`);
    db.close();
    migrates();
    expect(ask('select possession_code, possession_code_until, name from trust_anchor')).toEqual([{ possession_code: '', possession_code_until: '', name: 'x' }]);
  });

  it('leaves certificates that were seen before fingerprints and issuers were kept without them, and they can still be asked for', async () => {
    const first = MIGRATIONS.findIndex(({ name }) => name === '0006-revocation');
    migrates(MIGRATIONS.slice(0, first));
    const db = new Sqlite(place.file);
    const at = '2026-11-24T12:00:00.000Z';
    db.exec(`insert into seen_certificate (tenant, device, thumbprint, serial_number, not_before, not_after, last_seen) values ('main', 'press-7', '${'ab'.repeat(32)}', '0a', '${at}', '${at}', '${at}')`);
    db.close();
    migrates();
    const stores = storesOn({ file: place.file });
    expect(await stores.seen.of(aTenantId(), aDeviceId())).toMatchObject([{ serialNumber: '0a', fingerprint: '', issuer: '' }]);
    await stores.db.close();
  });

  it('uses text and integer columns only, none of them null, the tenant first in every key', () => {
    migrates();
    for (const table of tablesThere().filter((name) => name !== 'schema_version')) {
      const columns = ask<{ name: string; type: string; notnull: number; pk: number }>(`select * from pragma_table_info('${table}')`);
      expect(columns.filter(({ type, notnull }) => !/^(text|integer)$/i.test(type) || notnull !== 1)).toEqual([]);
      const first = columns.find(({ pk }) => pk === 1)?.name;
      expect(first).toBe(OF_THE_INSTANCE[table] ?? 'tenant');
    }
  });

  it('gives administrators who could do everything the roles of the inventory, and nobody else', () => {
    migrates(MIGRATIONS.slice(0, 1));
    const everything = ['ROLE_TENANT_MANAGEMENT_ADMIN', 'ROLE_TENANT_MANAGEMENT_READ', 'ROLE_TENANT_ADMIN', 'ROLE_DEVICE_CONTROL_ADMIN'];
    const db = new Sqlite(place.file);
    for (const [name, roles] of [['all', everything], ['one', everything.slice(0, 3)], ['none', []]] as const)
      db.prepare("insert into administrator values ('main', ?, 'hash', ?)").run(name, JSON.stringify(roles));
    db.close();
    migrates();
    const roles = ask<{ name: string; roles: string }>('select name, roles from administrator order by name').map((row) => [row.name, JSON.parse(row.roles) as unknown]);
    expect(roles).toEqual([['all', [...everything, 'ROLE_INVENTORY_READ', 'ROLE_INVENTORY_ADMIN']], ['none', []], ['one', everything.slice(0, 3)]]);
  });

  it.each(['subject_key', 'issuer_key', 'thumbprint'])('finds trust anchors of all tenants by an index on %s', (column) => {
    migrates();
    const [plan] = ask<{ detail: string }>(`explain query plan select * from trust_anchor where ${column} = 'x'`);
    expect(plan?.detail).toContain(`USING INDEX trust_anchor_${column}`);
  });

  it('takes the devices of the first release over, none of them blocked', async () => {
    migrates(MIGRATIONS.slice(0, 1));
    const raw = new Sqlite(place.file);
    raw.prepare("insert into device values ('main', 'press-7', 'auto', '2026-11-01T00:00:00.000Z', '{}')").run();
    raw.close();
    migrates();
    const { db, devices } = storesOn({ file: place.file });
    const device = aDevice({ registeredAt: new Date('2026-11-01T00:00:00.000Z') });
    expect(await devices.find(aTenantId(), aDeviceId())).toEqual(device);
    const block = { reason: 'stolen', by: 'main/admin', at: new Date('2026-11-02T00:00:00.000Z') };
    expect(await devices.setBlock(aTenantId(), aDeviceId(), block)).toEqual({ ...device, block });
    await db.close();
  });

  it('finds withdrawn tokens that are over by an index', () => {
    migrates();
    const [plan] = ask<{ detail: string }>("explain query plan delete from withdrawn_token where keep_until < 'x'");
    expect(plan?.detail).toContain('INDEX withdrawn_token_keep_until');
  });

  it('keeps the administrators of the first gate, enabled, and knows who of them can put right whatever goes wrong', () => {
    migrates(MIGRATIONS.slice(0, 1));
    const db = new Sqlite(place.file);
    const insert = db.prepare('insert into administrator (tenant, name, password_hash, roles) values (?, ?, ?, ?)');
    insert.run('main', 'ada', 'x', '["ROLE_TENANT_MANAGEMENT_ADMIN","ROLE_TENANT_ADMIN"]');
    insert.run('main', 'bob', 'y', '["ROLE_TENANT_MANAGEMENT_ADMIN"]');
    db.close();
    migrates();
    expect(ask('select name, password_hash, enabled, keeps_tenant, email, password_changed_at from administrator order by name')).toEqual([
      { name: 'ada', password_hash: 'x', enabled: 1, keeps_tenant: 1, email: '', password_changed_at: '' },
      { name: 'bob', password_hash: 'y', enabled: 1, keeps_tenant: 0, email: '', password_changed_at: '' },
    ]);
  });

  it('F27 stays what it was, whole, when a step fails in the middle', () => {
    migrates([sqlOf('create table one (a text)')]);
    const broken = [sqlOf('create table one (a text)'), sqlOf('create table two (a text)'), sqlOf('create table three (a text)', 'create table one (b text)')];
    expect(() => migrates(broken)).toThrow('(table one already exists)');
    expect(tablesThere()).toEqual(['one', 'schema_version']);
    expect(ask('select max(version) as version from schema_version')).toEqual([{ version: 1 }]);
    migrates([...broken.slice(0, 2), sqlOf('create table three (a text)')]);
    expect(tablesThere()).toEqual(['one', 'schema_version', 'three', 'two']);
  });

  it('F27 of a newer Fleetgate is refused with a sentence and left as it is', async () => {
    migrates([...MIGRATIONS, sqlOf('create table later (a text)')]);
    expect(() => storesOn({ file: place.file })).toThrow(
      `The database ${place.file} has schema version ${MIGRATIONS.length + 1}; this Fleetgate knows versions up to ${MIGRATIONS.length}. Start the newer Fleetgate that wrote it, or restore the backup made before the upgrade.`,
    );
    expect(tablesThere()).toContain('later');
  });

  it('is made once when several processes start on a new file at the same time', async () => {
    const starters = ['a', 'b', 'c'].map((prefix) => {
      const starter = child('./register-until-killed.ts', place.file, prefix);
      starter.stdout.once('data', () => starter.kill('SIGKILL'));
      return starter;
    });
    await Promise.all(starters.map(gone));
    expect(starters.map(({ signalCode }) => signalCode)).toEqual(['SIGKILL', 'SIGKILL', 'SIGKILL']);
    expect(ask('select version from schema_version')).toEqual(MIGRATIONS.map((_, i) => ({ version: i + 1 })));
    const { db, devices } = storesOn({ file: place.file });
    for (const prefix of ['a', 'b', 'c']) expect(await devices.find(aTenantId(), aDeviceId(`${prefix}-0`))).toBeDefined();
    await db.close();
  });

  it('of a file that is no database is refused with a sentence', () => {
    writeFileSync(place.file, 'this is a text file, and quite a long one at that; '.repeat(40));
    expect(() => storesOn({ file: place.file })).toThrow(/^The database .+ could not be opened or brought to the present schema \(file is not a database\)\. If it is no SQLite file, name another one in FLEETGATE_DATABASE_URL/);
  });

  it('waits for a lock for a bounded time, then says what to do', () => {
    const holder = new Sqlite(place.file);
    holder.exec('pragma journal_mode = wal; begin immediate');
    expect(() => migrates()).toThrow(`The database ${place.file} is locked by another process, so that its schema could not be checked. End that process and start again.`);
    holder.close();
  });

  it('of a file that cannot be opened is refused with its name and the setting to change', () => {
    mkdirSync(place.file);
    expect(() => prepareFile(place.file)).toThrow(/^The database file .+fleetgate\.sqlite cannot be opened for writing \(EISDIR.+FLEETGATE_DATABASE_URL\.$/);
  });
});

describe('The database URL', () => {
  it('names a file', () => {
    expect(sqliteFileOf('sqlite:/var/lib/fleetgate/gate.sqlite')).toBe('/var/lib/fleetgate/gate.sqlite');
    expect(sqliteFileOf('sqlite:./data/x y.sqlite')).toBe(`${process.cwd()}/data/x y.sqlite`);
  });

  it.each(['sqlite:', 'sqlite::memory:', 'memory:', '', './file', 'postgres://localhost/x'])('is refused when it is "%s"', (url) => {
    expect(() => sqliteFileOf(url)).toThrow(
      `The database URL must be sqlite:<file>, for example sqlite:./data/fleetgate.sqlite; it is "${url}". Correct FLEETGATE_DATABASE_URL.`,
    );
  });

  it('is refused without showing its password', () => {
    expect(() => sqliteFileOf('postgres://fleet:secret@db/x')).toThrow('it is "postgres://…@db/x"');
  });
});
