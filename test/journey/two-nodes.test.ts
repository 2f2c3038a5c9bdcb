/** Two nodes of two workers each, which share one PostgreSQL, one NATS where there is one, and nothing else. `npm run test:nodes` brings 2,000 devices. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import mqttPacket from 'mqtt-packet';
import type { Minted } from '../../src/ports/driven/certificate-mint.ts';
import { missing } from '../support/clients.ts';
import { aFleet, type Fleet } from '../support/fleet.ts';
import { aNatsServer, type NatsServer } from '../support/nats-server.ts';
import { anOperatedGate, type OperatedGate } from '../support/operated-gate.ts';
import { mint } from '../support/pki.ts';
import { describeOnPostgres, sharedPostgres } from '../support/postgres.ts';
import { until } from '../support/until.ts';
import { askOnce, workersOf } from '../support/workers.ts';

const STATED_MS = 2_000; // D-14
const SIZE = Number(process.env['FLEET'] ?? 200);
/** Handshakes at one time: the machine of the tests does the clients' half too. */
const ABREAST = 25;

interface Live {
  readonly id: string;
  readonly socket: TLSSocket;
  readonly gone: Promise<void>;
  /** Publishes in QoS 1 and resolves with the PUBACK; never, where none comes. */
  says(text: string): Promise<void>;
}

/** By MQTT 3.1.1, with one token asked for. Rejects where the device is refused. */
function comes(node: OperatedGate, id: string, { certificatePem: cert, keyPem: key }: Minted): Promise<Live & { readonly jwt: string }> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: node.mqtts[0]!, ca: readFileSync(node.caFile), cert, key });
    const gone = new Promise<void>((end) => socket.once('close', () => end()));
    const parser = mqttPacket.parser({ protocolVersion: 4 });
    const send = (packet: mqttPacket.Packet): void => void socket.write(mqttPacket.generate(packet));
    const heard = new Map<number, () => void>();
    const says = (payload: string): Promise<void> =>
      new Promise((acknowledged) => {
        const messageId = heard.size + 2;
        heard.set(messageId, acknowledged);
        send({ cmd: 'publish', topic: 's/us', payload, qos: 1, messageId, dup: false, retain: false });
      });
    socket.once('secureConnect', () => send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, clientId: id, keepalive: 600 }));
    socket.on('data', (bytes: Buffer) => void parser.parse(bytes));
    parser.on('packet', (packet) => {
      if (packet.cmd === 'connack' && packet.returnCode === 0) {
        send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 's/dat', qos: 0 }] });
        send({ cmd: 'publish', topic: 's/uat', payload: '', qos: 0, dup: false, retain: false });
      } else if (packet.cmd === 'connack') reject(new Error(`${id} was refused with ${packet.returnCode}`));
      if (packet.cmd === 'puback') heard.get(packet.messageId!)?.();
      if (packet.cmd === 'publish') resolve({ id, socket, gone, says, jwt: packet.payload.toString().slice(3) });
    });
    socket.on('error', reject);
    void gone.then(() => reject(new Error(`${id} was cut off`)));
  });
}

async function abreast<Item, Made>(items: readonly Item[], make: (item: Item, i: number) => Promise<Made>): Promise<readonly Made[]> {
  const made: Made[] = [];
  const rest = [...items.entries()];
  await Promise.all(Array.from({ length: ABREAST }, async () => {
    for (let next = rest.shift(); next; next = rest.shift()) made[next[0]] = await make(next[1], next[0]);
  }));
  return made;
}

/** What devices said, as it is in the stream. */
async function textsIn(nats: NatsServer): Promise<readonly string[]> {
  const client = await nats.client();
  const { state } = await (await jetstreamManager(client)).streams.info('devices');
  const consumer = await jetstream(client).consumers.get('devices');
  const texts: string[] = [];
  while (texts.length < state.messages) for await (const one of await consumer.fetch({ max_messages: state.messages - texts.length, expires: 5_000 })) texts.push(one.string());
  return texts;
}

describeOnPostgres('Two nodes of two workers on one PostgreSQL', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fleetgate-node-b-'));
  let [a, b] = [] as unknown as [OperatedGate, OperatedGate];
  let nats: NatsServer | undefined;
  let root: Minted;
  let fleet: Fleet;
  let live: readonly (Live & { readonly jwt: string })[];

  beforeAll(async () => {
    nats = missing('nats') === undefined ? await aNatsServer() : undefined;
    const sink = nats && { FLEETGATE_SINK: nats.url, FLEETGATE_SINK_STREAM: 'devices' };
    const env = { ...sink, FLEETGATE_WORKERS: '2', FLEETGATE_DATABASE_URL: await (await sharedPostgres()).makeDatabase(), FLEETGATE_LOG_LEVEL: 'info' };
    a = await anOperatedGate({ env });
    // The operator of both knows one password.
    mkdirSync(join(folder, 'data'), { mode: 0o700 });
    cpSync(join(a.dataDir, 'initial-admin-password'), join(folder, 'data', 'initial-admin-password'));
    b = await anOperatedGate({ env, dataDir: join(folder, 'data') });
    root = await mint.root({ commonName: 'Nodes Root' });
    await a.main.trusts({ pem: root.certificatePem, fingerprint: '' });
    fleet = await aFleet(root, 'press', SIZE);
  }, 300_000);
  afterAll(async () => {
    for (const { socket } of live ?? []) socket.destroy();
    await a?.remove();
    await b?.remove();
    await nats?.remove();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  const nodeOf = (i: number): OperatedGate => (i % 2 === 0 ? a : b);
  const fingerprintOf = async (node: OperatedGate): Promise<string> => {
    const { certificates } = (await (await node.main.call('/tenant/tenants/main/trusted-certificates')).json()) as { certificates: { fingerprint: string }[] };
    return certificates[0]!.fingerprint;
  };
  const statuses = (node: OperatedGate, jwts: readonly string[]): Promise<readonly number[]> =>
    abreast(jwts, (jwt) => askOnce(node, '/user/currentUser', `Bearer ${jwt}`));

  it('F26 devices come to both, and the token of each counts at both: there is one ring of keys', async () => {
    live = await abreast([...fleet], ([id, minted], i) => comes(nodeOf(i), id, minted));
    const some = live.slice(0, 20).map(({ jwt }) => jwt);
    expect(new Set([...(await statuses(a, some)), ...(await statuses(b, some))])).toEqual(new Set([200]));
    expect([...(await b.main.devices())].sort()).toEqual([...fleet.keys()].sort());
  }, 600_000);

  it('F26 M15 D-15 a device that comes to the other node ends its session at the former', async () => {
    const [id, minted] = [...fleet][0]!;
    const again = await comes(b, id, minted);
    expect(await Promise.race([live[0]!.gone.then(() => 'ended'), pause(STATED_MS, 'still there')])).toBe('ended');
    expect(again.socket.destroyed).toBe(false);
    live = [again, ...live.slice(1)];
  });

  it('F26 T12 J06 a CA disabled at one node ends every session at both, and kills every token, within 2 s', async () => {
    const some = live.slice(0, 40).map(({ jwt }) => jwt);
    const fingerprint = await fingerprintOf(a);
    const since = performance.now();
    await a.main.changes({ pem: '', fingerprint }, { status: 'DISABLED' });
    const dead = statuses(b, some);
    const ended = await Promise.race([Promise.all(live.map(({ gone }) => gone)).then(() => 'all ended'), pause(STATED_MS, 'some are still there')]);
    const tookMs = performance.now() - since;
    expect(new Set(await dead)).toEqual(new Set([401]));
    expect([ended, tookMs < STATED_MS]).toEqual(['all ended', true]);
    await a.main.changes({ pem: '', fingerprint }, { status: 'ENABLED' });
  }, 60_000);

  it('F01 F26 the devices of a node that is killed come back at the other, nothing is registered twice, and no message that was acknowledged is lost', async () => {
    live = await abreast([...fleet], ([id, minted], i) => comes(nodeOf(i), id, minted));
    const acknowledged: string[] = [];
    const talking = live.map(async ({ id, says, socket }) => {
      for (let n = 0; n < 20 && !socket.destroyed; n++) {
        const text = `211,${id},${n}`;
        await Promise.race([says(text).then(() => acknowledged.push(text)), pause(5_000)]);
      }
    });
    await until('they have begun to talk', () => acknowledged.length > SIZE);
    const workers = [...workersOf(b).values()];
    b.process.kill('SIGKILL');
    for (const pid of workers) process.kill(pid, 'SIGKILL');
    const orphans = live.filter((_, i) => nodeOf(i) === b);
    await Promise.all(orphans.map(({ gone }) => gone));
    await Promise.all(talking);
    const kept = nats && new Set(await textsIn(nats));
    if (kept) expect(acknowledged.filter((text) => !kept.has(text))).toEqual([]);
    const back = await abreast(orphans, ({ id }) => comes(a, id, fleet.get(id)!));
    expect(back).toHaveLength(orphans.length);
    live = [...live.filter((_, i) => nodeOf(i) === a), ...back];
    expect(live.filter(({ socket }) => socket.destroyed)).toEqual([]);
    const ids = await a.main.devices();
    expect([ids.length, new Set(ids).size]).toEqual([SIZE, SIZE]);
    const registered = [...a.log, ...b.log].filter((line) => line['audit'] === 'device.admitted' && line['registered'] === true).map((line) => line['device']);
    expect(new Set(registered).size).toBe(registered.length);
  }, 600_000);

  it('F01 where its devices were is forgotten after some seconds, and the background work goes on', async () => {
    await until('the other node is taken for dead', () => a.log.some(({ msg }) => msg.startsWith('Another process is gone')), 40_000);
  }, 60_000);
});
