/** TLS to what stands behind the gate: PostgreSQL and NATS with certificates of a CA of one's own, of another, and for another name. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { describeWith, enter, type Call } from '../support/clients.ts';
import { aNatsServer, type NatsServer } from '../support/nats-server.ts';
import { anOperatedGate, type OperatedGate } from '../support/operated-gate.ts';
import { aDevice, aRoot, aServer, pemChain, writePemFiles } from '../support/pki.ts';
import { describeOnPostgres, ownPostgres, type PostgresServer } from '../support/postgres.ts';
import { aGateProcess, type GateProcess } from '../support/running-gate.ts';

const folder = mkdtempSync(join(tmpdir(), 'fleetgate-tls-behind-'));
const caFile = join(folder, 'ca.pem');
const strangeCaFile = join(folder, 'strange-ca.pem');
const ELSEWHERE = ['db.example.com'];
beforeAll(async () => {
  writeFileSync(caFile, (await aRoot({ commonName: 'Server Root' })).certificatePem);
  writeFileSync(strangeCaFile, (await aRoot({ commonName: 'Strange Root' })).certificatePem);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function callOf(gate: OperatedGate): Promise<Call> {
  const { cert, key } = writePemFiles(folder, 'press-7', await aDevice());
  return { port: gate.mqtts[0]!, caFile: gate.caFile, certFile: cert, keyFile: key, clientId: 'press-7', version: 5 };
}

describeOnPostgres('PostgreSQL over TLS', () => {
  let server: PostgresServer;
  let gate: GateProcess | undefined;
  beforeAll(async () => {
    server = await ownPostgres();
  }, 60_000);
  afterAll(() => server?.end());
  afterEach(() => gate?.remove());
  const shows = async (names: readonly string[]): Promise<void> => {
    const leaf = await aServer(undefined, names);
    await server.encrypt(pemChain(leaf, 'below-root'), leaf.keyPem);
  };
  const urlOf = async (host: string, options: string): Promise<string> => (await server.makeDatabase()).replace('127.0.0.1', host) + options;
  const complaint = async (url: string): Promise<string> => {
    const since = performance.now();
    gate = aGateProcess({ env: { FLEETGATE_DATABASE_URL: url } });
    expect((await gate.ended).code).not.toBe(0);
    expect(performance.now() - since).toBeLessThan(15_000); // waiting does not help, so that it is not waited
    return gate.output();
  };

  it.each(['localhost', '127.0.0.1'])('serves devices by the CA that sslrootcert names, at %s', async (host) => {
    await shows([host]);
    const url = await urlOf(host, `?sslmode=verify-full&sslrootcert=${caFile}`);
    const operated = await anOperatedGate({ env: { FLEETGATE_DATABASE_URL: url } });
    gate = operated;
    await operated.main.trusts({ pem: (await aRoot()).certificatePem, fingerprint: '' });
    await (await enter(await callOf(operated))).client.endAsync();
    const rows = await server.ask<{ ssl: boolean }>(`select ssl from pg_stat_ssl join pg_stat_activity using (pid) where application_name = 'fleetgate'`);
    expect([rows.length > 0, rows.every(({ ssl }) => ssl)]).toEqual([true, true]);
    expect(await server.ask(`select id from device where id = 'press-7'`, new URL(url).pathname.slice(1))).toHaveLength(1);
  });

  it.each([
    ['another CA', `&sslrootcert=${strangeCaFile}`],
    ['the CAs of the system alone', ''],
  ])('is refused by %s, with a sentence that says what to do', async (_why, more) => {
    await shows(['localhost']);
    const said = await complaint(await urlOf('localhost', `?sslmode=verify-full${more}`));
    expect(said).toContain('does not trust the certificate');
    expect(said).toContain('sslrootcert=');
  });

  it.each([
    ['localhost', ELSEWHERE],
    ['127.0.0.1', ['localhost']],
  ])('is refused at %s where its certificate is for %j', async (host, names) => {
    await shows(names);
    const said = await complaint(await urlOf(host, `?sslmode=verify-full&sslrootcert=${caFile}`));
    expect(said).toContain('is for another name');
    expect(said).toContain('Write the host in FLEETGATE_DATABASE_URL as its certificate has it');
  });

  it('is taken under any name and of any CA by sslmode=require, encrypted all the same', async () => {
    await shows(ELSEWHERE);
    gate = aGateProcess({ env: { FLEETGATE_DATABASE_URL: await urlOf('127.0.0.1', '?sslmode=require') } });
    await gate.logged('Fleetgate is ready');
    const rows = await server.ask<{ ssl: boolean }>(`select ssl from pg_stat_ssl join pg_stat_activity using (pid) where application_name = 'fleetgate'`);
    expect([rows.length > 0, rows.every(({ ssl }) => ssl)]).toEqual([true, true]);
  });

  it('is not taken in clear where the URL asks for TLS', async () => {
    await server.ask('alter system set ssl = off');
    await server.ask('select pg_reload_conf()');
    const said = await complaint(await urlOf('localhost', `?sslmode=verify-full&sslrootcert=${caFile}`));
    expect(said).toContain('speaks no TLS');
  });
});

describeWith('nats')('NATS over TLS', () => {
  let nats: NatsServer;
  let gate: OperatedGate | undefined;
  afterEach(async () => {
    await gate?.remove();
    await nats?.remove();
  });
  const shows = async (names: readonly string[]): Promise<void> => {
    const { chain, key } = writePemFiles(folder, `nats-${names[0]}`, await aServer(undefined, names), 'below-root');
    nats = await aNatsServer('--tls', '--tlscert', chain, '--tlskey', key);
  };
  const opened = async (url: string, ca?: string): Promise<OperatedGate> => {
    gate = await anOperatedGate({ env: { FLEETGATE_SINK: url, FLEETGATE_SINK_STREAM: 'devices', ...(ca !== undefined && { FLEETGATE_SINK_CA_FILE: ca }) } });
    return gate;
  };

  it.each(['localhost', '127.0.0.1'])('takes a message by the CA that FLEETGATE_SINK_CA_FILE names, at %s', async (host) => {
    await shows([host]);
    const open = await opened(`tls://${host}:${nats.port}`, caFile);
    await open.main.trusts({ pem: (await aRoot()).certificatePem, fingerprint: '' });
    const { client } = await enter(await callOf(open));
    await client.publishAsync('s/us', '211,25', { qos: 1 });
    await client.endAsync();
    const backEnd = await connect({ servers: `${host}:${nats.port}`, tls: { caFile, rejectUnauthorized: false } });
    try {
      await (await jetstreamManager(backEnd)).consumers.add('devices', { durable_name: 'reader' });
      const message = await (await jetstream(backEnd).consumers.get('devices', 'reader')).next({ expires: 5_000 });
      expect([message?.subject, message?.string()]).toEqual(['fleetgate.main.press-7.s.us', '211,25']);
    } finally {
      await backEnd.close();
    }
  });

  it.each([
    ['the system does not know its CA', 'localhost', ['localhost'], undefined, 'FLEETGATE_SINK_CA_FILE'],
    ['another CA is named', 'localhost', ['localhost'], strangeCaFile, 'FLEETGATE_SINK_CA_FILE'],
    ['its certificate is for another host', 'localhost', ELSEWHERE, caFile, 'another name'],
    ['its certificate is for a name, and the setting has the address', '127.0.0.1', ['localhost'], caFile, 'another name'],
    ['its certificate is for an address, and the setting has the name', 'localhost', ['127.0.0.1'], caFile, 'another name'],
  ])('gets nothing where %s, and the log says what to do', async (_why, host, names, ca, advice) => {
    await shows(names);
    const open = await opened(`tls://${host}:${nats.port}`, ca);
    const line = await open.logged('NATS cannot be reached');
    expect(JSON.stringify(line)).toContain(advice);
  });

  it('is not spoken to in clear where the setting says tls', async () => {
    nats = await aNatsServer();
    const line = await (await opened(`tls://localhost:${nats.port}`, caFile)).logged('NATS cannot be reached');
    expect(JSON.stringify(line)).toContain('It speaks no TLS');
  });
});
