/** One schema on two engines, and what PostgreSQL would do otherwise. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { auditEntry } from '../../../src/domain/audit/audit-entry.ts';
import { ReadAudit } from '../../../src/domain/usecases/read-audit.ts';
import { MIGRATIONS, type Migration } from '../../../src/adapters/persistence/migrations/all-migrations.ts';
import { migratePostgres } from '../../../src/adapters/persistence/postgres/migrate-postgres.ts';
import { openPostgres } from '../../../src/adapters/persistence/postgres/open-postgres.ts';
import { postgresAddressOf } from '../../../src/adapters/persistence/postgres/postgres-url.ts';
import { aDevice, aDeviceId, aTenantId, NOW } from '../../support/certificate-builders.ts';
import { describeOnPostgres, sharedPostgres, type PostgresServer } from '../../support/postgres.ts';
import { keptLog, scratch, storesOn, storesOver, type Stores } from './open-stores.ts';

const main = aTenantId();

describeOnPostgres('On PostgreSQL', () => {
  let server: PostgresServer;
  let url: string;
  const open: Stores[] = [];
  beforeEach(async () => {
    server = await sharedPostgres();
    url = await server.makeDatabase();
  }, 60_000);
  afterEach(async () => {
    await Promise.all(open.splice(0).map(({ db }) => db.close()));
  });

  const database = () => new URL(url).pathname.slice(1);
  const ask = <Row extends object>(sql: string) => server.ask<Row>(sql, database());
  const migrates = (migrations: readonly Migration[] = MIGRATIONS) => migratePostgres({ address: postgresAddressOf(url), log: keptLog(), startMs: 0, migrations });
  async function aNode(): Promise<Stores> {
    const stores = storesOver({ db: await openPostgres({ address: postgresAddressOf(url), log: keptLog(), startMs: 0 }) });
    open.push(stores);
    return stores;
  }
  const sqlOf = (...statements: readonly string[]): Migration => ({ name: 'a step', up: () => statements.map((sql) => ({ sql, parameters: [] })) });

  describe('the schema', () => {
    it('has text that sorts by its bytes and integers of 64 bits, nothing else, and nothing null', async () => {
      await migrates();
      const columns = await ask<{ table_name: string; data_type: string; collation_name: string | null; is_nullable: string }>(
        `select table_name, data_type, collation_name, is_nullable from information_schema.columns where table_schema = 'public' and table_name <> 'schema_version'`,
      );
      expect(columns.length).toBeGreaterThan(100);
      expect([...new Set(columns.map((it) => `${it.data_type} ${it.collation_name} ${it.is_nullable}`))].sort()).toEqual(['bigint null NO', 'text C NO']);
    });

    it('is made once when five start at once, and left alone when it is there', async () => {
      await Promise.all([1, 2, 3, 4, 5].map(() => migrates()));
      await migrates();
      expect(await ask('select version::int, name from schema_version order by version')).toEqual(MIGRATIONS.map(({ name }, i) => ({ version: i + 1, name })));
      expect(await ask('select value::int from admission_epoch')).toEqual([{ value: 1 }]);
    });

    it('F27 is as it was when a step fails: all steps or none', async () => {
      await migrates();
      const broken = [...MIGRATIONS, sqlOf('create table "more" ("a" text not null)'), sqlOf('insert into nothing_such values (1)')];
      await expect(migrates(broken)).rejects.toMatchObject({ code: 'database-unusable', message: expect.stringContaining('nothing_such') });
      expect(await ask(`select to_regclass('more') as it`)).toEqual([{ it: null }]);
      expect(await ask('select count(*)::int as n from schema_version')).toEqual([{ n: MIGRATIONS.length }]);
    });

    it('F27 that is newer than the program is refused with a sentence', async () => {
      await migrates([...MIGRATIONS, sqlOf('create table "more" ("a" text not null)')]);
      await expect(migrates()).rejects.toMatchObject({
        code: 'database-newer',
        message: expect.stringMatching(new RegExp(`has schema version ${MIGRATIONS.length + 1}; this Fleetgate knows versions up to ${MIGRATIONS.length}\\. Start the newer Fleetgate`)),
      });
    });
  });

  it('texts come back as they were, NUL and what stands for it included, and sort by their bytes', async () => {
    const { devices } = await aNode();
    const details = { nul: 'a\0b', mark: '\uE000', both: '\uE0000\uE0001\0', json: '\u0001\u2028"\\\n' };
    for (const id of ['b', 'B', 'a', 'ä', '_', '~', 'É']) await devices.register(aDevice({ id: aDeviceId(id), details }));
    const all = await devices.listOf(main, undefined, 99);
    expect(all.map(({ id }) => id)).toEqual(['B', '_', 'a', 'b', '~', 'É', 'ä']);
    expect(all.map((it) => it.details)).toEqual(all.map(() => details));
  });

  it('the chain of the audit is the same as on SQLite, byte for byte', async () => {
    const place = scratch();
    const embedded = storesOn({ file: place.file });
    open.push(embedded);
    const node = await aNode();
    const texts = ['plain', 'quote " slash / back \\ line \n tab \t', '\u0000\u0001\u001f\u007f\u0080', 'ü 漢 \u{1F600} \uE000 \uE0000', '\u2028\u2029', '<>&\''];
    const entries = texts.flatMap((text) => [
      auditEntry({ what: 'option.set', tenant: 'main', by: text, subject: text }, NOW, { before: { text }, after: { [text]: [text, 1, true, null] } }),
      { tenant: 'other', at: NOW.toISOString(), by: text, what: text, subject: text, before: text, after: text },
    ]);
    for (const { trail } of [embedded, node]) for (const entry of entries) await trail.append([entry]);
    for (const tenant of ['main', 'other']) {
      const [here, there] = await Promise.all([embedded, node].map(({ trail }) => trail.list(tenant, { after: 0 }, 100)));
      expect(there).toHaveLength(texts.length);
      expect(there).toEqual(here);
      expect(await node.trail.headOf(tenant)).toEqual(await embedded.trail.headOf(tenant));
    }
    expect((await new ReadAudit(node).verify()).flatMap(({ problems }) => problems)).toEqual([]);
    place.clear();
  });

  it('F26 three nodes make one chain per tenant, one device of many registrations, and never lose a move of the epoch', async () => {
    const nodes = [await aNode(), await aNode(), await aNode()] as const;
    const said = (tenant: string, i: number) => auditEntry({ what: 'device.registered', tenant, by: 'test', subject: `${i}` }, NOW);
    const before = await nodes[0].epoch.current();
    const work = Array.from({ length: 300 }, (_, i) => {
      const { devices, tenants, trail } = nodes[i % 3]!;
      const tenant = i % 2 ? 'main' : 'other';
      if (i % 5 === 0) return tenants.setOption(main, 'c', 'k', String(i)).then(() => 'moved');
      if (i % 5 === 1) return trail.append([said('main', i), said('other', i)]).then(() => 'both');
      return devices.register(aDevice({ id: aDeviceId(`press-${i % 40}`), tenant: aTenantId(tenant) }), [said(tenant, i)]);
    });
    const answers = await Promise.all(work);
    const counted = (what: string) => answers.filter((answer) => answer === what).length;
    const rows = await ask<{ n: number }>('select count(*)::int as n from device');
    expect(counted('registered')).toBe(rows[0]!.n);
    expect(await nodes[1].epoch.current()).toBe(before + counted('moved'));
    const chains = await new ReadAudit(nodes[2]).verify();
    expect(chains.flatMap(({ problems }) => problems)).toEqual([]);
    expect(chains.reduce((sum, chain) => sum + chain.rows, 0)).toBe(counted('registered') + 2 * counted('both'));
  }, 60_000);
});
