/** The journey on PostgreSQL: the same program, the same doors, and nothing of it in the data directory but keys. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Minted } from '../../src/ports/driven/certificate-mint.ts';
import { enter, knock, tokenOf, type Call } from '../support/clients.ts';
import { aFaultProxy, type FaultProxy } from '../support/fault-proxy.ts';
import { aFleet, connectAll, type Fleet } from '../support/fleet.ts';
import { anOperatedGate, type OperatedGate } from '../support/operated-gate.ts';
import { aRoot } from '../support/pki.ts';
import { describeOnPostgres, sharedPostgres, type PostgresServer } from '../support/postgres.ts';

const DEVICES = 60;
const SECRET = 'ge:heim&7';

describeOnPostgres('a gate on PostgreSQL', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'fleetgate-on-postgres-'));
  let server: PostgresServer;
  let line: FaultProxy;
  let gate: OperatedGate;
  let root: Minted;
  let fleet: Fleet;
  let start: () => Promise<OperatedGate>;
  let spoken = '';

  beforeAll(async () => {
    server = await sharedPostgres();
    const database = new URL(await server.makeDatabase()).pathname.slice(1);
    await server.ask(`do $$ begin if not exists (select from pg_roles where rolname = 'guarded') then create role guarded login password '${SECRET}'; end if; end $$`);
    await server.ask(`alter database ${database} owner to guarded`);
    await server.ask('alter schema public owner to guarded', database);
    const file = join(dataDir, 'pgpass');
    writeFileSync(file, `*:*:*:guarded:${SECRET.replace(':', '\\:')}\n`, { mode: 0o600 });
    line = await aFaultProxy(server.port);
    const url = server.urlOf(database, 'guarded').replace(`:${server.port}/`, `:${line.port}/`);
    const env = { FLEETGATE_DATABASE_URL: url, PGPASSFILE: file, FLEETGATE_LOG_LEVEL: 'debug' };
    start = () => anOperatedGate({ dataDir, env });
    root = await aRoot();
    fleet = await aFleet(root, 'press', DEVICES);
    gate = await start();
  }, 60_000);
  afterAll(async () => {
    await gate?.remove();
    await line?.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const inAll = async (): Promise<ReadonlySet<string>> => {
    const admitted = new Set<string>();
    await connectAll(gate, fleet, (id) => admitted.add(id));
    return admitted;
  };
  const callOf = (id: string): Call => {
    const { certificatePem, keyPem } = fleet.get(id)!;
    writeFileSync(join(dataDir, 'device.pem'), certificatePem);
    writeFileSync(join(dataDir, 'device.key'), keyPem, { mode: 0o600 });
    return { port: gate.mqtts[0]!, caFile: gate.caFile, certFile: join(dataDir, 'device.pem'), keyFile: join(dataDir, 'device.key'), clientId: id, version: 5 };
  };

  it('lets devices of a trusted CA in, registers each once, and hands out tokens that open its API', async () => {
    await gate.main.trusts({ pem: root.certificatePem, fingerprint: '' });
    expect((await inAll()).size).toBe(DEVICES);
    const device = await enter(callOf('press-7'));
    const token = await tokenOf(device);
    await device.client.endAsync();
    const self = await fetch(`http://127.0.0.1:${gate.http}/user/currentUser`, { headers: { authorization: `Bearer ${token}` } });
    expect(await self.json()).toMatchObject({ userName: 'device_press-7' });
    expect([...(await gate.main.devices())].sort()).toEqual([...fleet.keys()].sort());
  }, 60_000);

  it('F01 has everything that was answered after kill -9, lets everybody in again, and its audit is whole', async () => {
    gate.process.kill('SIGKILL');
    await gate.ended;
    spoken += gate.output();
    gate = await start();
    expect((await inAll()).size).toBe(DEVICES);
    expect(await gate.main.devices()).toHaveLength(DEVICES);
    const audit = (await (await gate.main.call('/fleetgate/audit/verify')).json()) as object;
    expect(JSON.stringify(audit)).toContain('"problems":[]');
  }, 60_000);

  it.each([
    ['F13 in the dark', { isBlackHole: true }],
    ['F11 without PostgreSQL', { cutAfter: 0 }],
  ])('%s still answers handshakes, refuses within 6 s with CONNACK 0x88 and 503, and serves again within 5 s of the return', async (_how, faults) => {
    line.set(faults);
    if ('cutAfter' in faults) line.resetAll();
    const began = performance.now();
    const [heard, answered] = await Promise.all([knock(callOf('press-7')), gate.main.call('/tenant/currentTenant').then(({ status }) => status)]);
    expect([heard.code, heard.tls, answered]).toEqual([0x88, 'TLSv1.3', 503]);
    expect(performance.now() - began).toBeLessThan(6_000);
    const once = performance.now();
    expect((await knock(callOf('press-7'))).code).toBe(0x88);
    expect(performance.now() - once).toBeLessThan(4_000);
    line.set({});
    const since = performance.now();
    let code = -1;
    while (code !== 0 && performance.now() - since < 5_000) code = (await knock(callOf('press-7'))).code;
    expect(code).toBe(0);
    await gate.logged('PostgreSQL is back.');
  }, 40_000);

  it('refuses whose CA was disabled', async () => {
    const { certificates = [] } = (await (await gate.main.call('/tenant/tenants/main/trusted-certificates')).json()) as { certificates?: { fingerprint: string }[] };
    await gate.main.changes({ pem: root.certificatePem, fingerprint: certificates[0]!.fingerprint }, { status: 'DISABLED' });
    expect((await inAll()).size).toBe(0);
  }, 30_000);

  it('keeps no database in its folder, and says its password to nobody', async () => {
    expect(readdirSync(dataDir).filter((name) => name.includes('sqlite'))).toEqual([]);
    gate.process.kill('SIGTERM');
    expect(await gate.ended).toEqual({ code: 0, signal: null });
    spoken += gate.output();
    expect(spoken).not.toContain(SECRET);
    expect(spoken).not.toContain(encodeURIComponent(SECRET));
  }, 30_000);
});
