import { writeFileSync } from 'node:fs';
import { connect as connectTo, createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, expect, it } from '@jest/globals';
import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { RequestError, type NatsConnection } from '@nats-io/transport-node';
import { InMemoryDeviceInboxes } from '../../../src/adapters/in-memory/in-memory-device-inboxes.ts';
import { natsAuthenticator } from '../../../src/adapters/message-sinks/nats/nats-authenticator.ts';
import { NatsMessageSink, type NatsMessageSinkNeeds } from '../../../src/adapters/message-sinks/nats/nats-message-sink.ts';
import { aMessage, handingSinkContract, messageSinkContract, narrowSinkContract, type HandedOn } from '../../contracts/message-sink.contract.ts';
import { aDeviceId, aTenantId } from '../../support/certificate-builders.ts';
import { describeWith } from '../../support/clients.ts';
import { aNatsServer, type NatsServer } from '../../support/nats-server.ts';
import { temporaryDirectory } from '../../support/pki.ts';
import { recordingLog, type LogLine } from '../../support/recording-log.ts';

const PRESS = { tenant: aTenantId('acme'), device: aDeviceId('press 7.a') };
const SUBJECT = 'fleetgate-down.acme.press%207%2Ea';

const undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const one of undo.splice(0).reverse()) await one();
});

interface Bench {
  readonly server: NatsServer;
  readonly sink: NatsMessageSink;
  readonly inboxes: InMemoryDeviceInboxes;
  readonly logged: readonly LogLine[];
  readonly client: NatsConnection;
  /** Another node: a sink with inboxes of its own on the same server. */
  node(wish?: Partial<NatsMessageSinkNeeds>): { readonly sink: NatsMessageSink; readonly inboxes: InMemoryDeviceInboxes };
}

let ids = 0;
async function bench(wish: Partial<NatsMessageSinkNeeds> = {}, ...options: readonly string[]): Promise<Bench> {
  const server = await aNatsServer(...options);
  undo.push(() => server.remove());
  const { log: logs, lines: logged } = recordingLog();
  const node: Bench['node'] = (more = {}) => {
    const inboxes = new InMemoryDeviceInboxes({ log: logs });
    const sink = new NatsMessageSink({ servers: [server.url], authenticator: undefined, stream: 'devices', inboxes, identifiers: { next: () => `id-${(ids += 1)}` }, log: logs, ...more });
    undo.push(() => sink.close());
    return { inboxes, sink };
  };
  const { sink, inboxes } = node(wish);
  return { server, sink, inboxes, logged, node, client: await server.client() };
}

/** What the stream has, oldest first, once it is so much. */
async function stored(client: NatsConnection, count: number): Promise<readonly (HandedOn & { readonly subject: string })[]> {
  const manager = await jetstreamManager(client);
  const { name } = await manager.consumers.add('devices', { ack_policy: AckPolicy.None, inactive_threshold: 30e9 });
  const consumer = await jetstream(client).consumers.get('devices', name);
  const all: (HandedOn & { readonly subject: string })[] = [];
  while (all.length < count) {
    for await (const one of await consumer.fetch({ max_messages: count - all.length, expires: 2_000 })) {
      const header = (what: string): string => decodeURIComponent(one.headers?.get(`Fleetgate-${what}`) ?? '');
      all.push({ tenant: header('Tenant'), device: header('Device'), topic: header('Topic'), isWill: header('Will') === 'true', payload: Buffer.from(one.data).toString('base64'), subject: one.subject } as (typeof all)[number]);
    }
  }
  return all;
}
const count = async (client: NatsConnection): Promise<number> => (await (await jetstreamManager(client)).streams.info('devices')).state.messages;

describeWith('nats')('By nats-server,', () => {
  const close = async (): Promise<void> => {
    for (const one of undo.splice(0).reverse()) await one();
  };
  messageSinkContract('NatsMessageSink', async () => ({ subject: (await bench()).sink, close }));
  handingSinkContract('NatsMessageSink', async () => {
    const { sink, client } = await bench();
    const handedOn = async (most: number): Promise<readonly HandedOn[]> => (await stored(client, most)).map(({ subject: _, ...rest }) => rest);
    return { subject: sink, close, handedOn };
  });
  narrowSinkContract('NatsMessageSink, of which the stream is full,', async () => {
    const { sink, client } = await bench();
    await sink.accept(aMessage()); // so that the stream is there
    const manager = await jetstreamManager(client);
    await manager.streams.update('devices', { max_bytes: 10_000 });
    const makeRoom = async (): Promise<void> => void (await manager.streams.purge('devices'));
    return { subject: sink, close, makeRoom };
  });
});

describeWith('nats')('NatsMessageSink', () => {
  it('D-68 has a message stored under a subject of tenant, device and topic before it is taken, and makes the stream that was named', async () => {
    const { sink, client, logged } = await bench();
    await sink.accept(aMessage({ ...PRESS, topic: 's/us/a.b' }));
    expect(await stored(client, 1)).toMatchObject([{ subject: 'fleetgate.acme.press%207%2Ea.s.us.a%2Eb' }]);
    const { config } = await (await jetstreamManager(client)).streams.info('devices');
    expect(config).toMatchObject({ subjects: ['fleetgate.>'], storage: 'file', discard: 'new', retention: 'limits', max_age: 7 * 86_400e9, duplicate_window: 120e9 });
    expect(logged.map(({ sentence }) => sentence)).toContain('A stream of NATS was made for the messages of devices: on disk, one copy, seven days.');
    expect(sink.figures()).toMatchObject({ accepted: 1, delivered: 1, refused: 0, queued: 0, queuedBytes: 0 });
  });

  it('leaves a stream of somebody else’s making as it is, and says where that does not take all', async () => {
    const { server, client, node, logged } = await bench({ stream: undefined });
    while (!logged.some(({ sentence }) => sentence.startsWith('No stream of NATS takes fleetgate.>'))) await new Promise((resolve) => setTimeout(resolve, 5));
    await (await jetstreamManager(client)).streams.add({ name: 'devices', subjects: ['fleetgate.acme.>'], max_msgs: 5 });
    const { sink } = node({ servers: [server.url], limits: { heldMs: 300 } });
    await sink.accept(aMessage(PRESS));
    await expect(sink.accept(aMessage({ tenant: aTenantId('other') }))).rejects.toThrow('NATS did not take it');
    expect(logged).toContainEqual(expect.objectContaining({ level: 'warn', sentence: expect.stringContaining('does not take fleetgate.> as a whole') }));
    expect((await (await jetstreamManager(client)).streams.info('devices')).config).toMatchObject({ subjects: ['fleetgate.acme.>'], max_msgs: 5 });
  });

  it('holds messages while the server is away, kill -9 among it, and stores each once', async () => {
    const { server, sink } = await bench({ limits: { heldMs: 20_000 } });
    await sink.accept(aMessage({ payload: Buffer.from('before') }));
    await server.kill();
    const held = Promise.all([1, 2, 3].map((i) => sink.accept(aMessage({ payload: Buffer.from(`held ${i}`) }))));
    expect(sink.figures()).toMatchObject({ queued: 3 });
    await server.restart();
    await held;
    expect((await stored(await server.client(), 4)).map(({ payload }) => Buffer.from(payload, 'base64').toString()).sort()).toEqual(['before', 'held 1', 'held 2', 'held 3']);
    expect(sink.figures()).toMatchObject({ accepted: 4, queued: 0, queuedBytes: 0 });
  }, 30_000);

  it('stores a message once of which the acknowledgement was lost', async () => {
    const { server, client, node } = await bench();
    const proxy = await aDeafProxy(server.port);
    undo.push(proxy.close);
    const { sink } = node({ servers: [`nats://127.0.0.1:${proxy.port}`], limits: { heldMs: 20_000, attemptMs: 200 } });
    await sink.accept(aMessage());
    proxy.setDeaf(true);
    const second = sink.accept(aMessage({ payload: Buffer.from('second') }));
    while ((await count(client)) < 2) await new Promise((resolve) => setTimeout(resolve, 5)); // it is stored, and nobody heard of it
    while (sink.figures().retried < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    proxy.setDeaf(false);
    await second;
    expect(await count(client)).toBe(2);
  }, 30_000);

  it('gives up after a while, and then the message is not taken', async () => {
    const { server, sink, logged } = await bench({ limits: { heldMs: 200 } });
    await sink.accept(aMessage());
    await server.kill();
    await expect(sink.accept(aMessage())).rejects.toThrow(/^NATS did not take it/);
    expect(sink.figures()).toMatchObject({ refused: 1, queued: 0 });
    expect(logged.filter(({ sentence }) => sentence.startsWith('NATS cannot be reached'))).toHaveLength(1);
  });

  it('holds so many bytes while NATS is frozen, and refuses more at once', async () => {
    const { server, sink } = await bench({ limits: { heldMs: 1_000, attemptMs: 400, heldBytes: 20_000 } });
    await sink.accept(aMessage());
    await server.freeze();
    const held = Array.from({ length: 30 }, () => sink.accept(aMessage({ payload: new Uint8Array(1_000) })).catch((error: Error) => error.message.slice(0, 20)));
    expect(sink.figures().queuedBytes).toBeLessThanOrEqual(20_000);
    const answers = await Promise.all(held);
    server.thaw();
    expect(answers.filter((answer) => answer === 'full')).toHaveLength(11);
    expect(answers.filter((answer) => answer === 'NATS did not take it')).toHaveLength(19);
  });

  it('starts where no server is, and works when one comes', async () => {
    const { server, sink } = await bench({ limits: { heldMs: 20_000 } });
    await sink.accept(aMessage());
    await server.kill();
    const late = new NatsMessageSink({ servers: [server.url], authenticator: undefined, stream: 'devices', inboxes: new InMemoryDeviceInboxes({ log: SILENT }), identifiers: { next: () => 'late' }, log: SILENT, limits: { heldMs: 20_000 } });
    undo.push(() => late.close());
    const taken = late.accept(aMessage());
    await server.restart();
    await expect(taken).resolves.toBeUndefined();
  }, 30_000);

  it('shows what it knows to the server alone, and a wrong password to nobody', async () => {
    const folder = temporaryDirectory();
    undo.push(async () => folder.remove());
    writeFileSync(join(folder.path, 'nats.conf'), 'authorization { user: gate, password: hush }');
    const server = await aNatsServer('-c', join(folder.path, 'nats.conf'));
    undo.push(() => server.remove());
    const { log: logs, lines: logged } = recordingLog();
    const make = (secret: string): NatsMessageSink => {
      const sink = new NatsMessageSink({ servers: [server.url], authenticator: natsAuthenticator(secret), stream: 'devices', inboxes: new InMemoryDeviceInboxes({ log: logs }), identifiers: { next: () => secret }, log: logs, limits: { heldMs: 1_000 } });
      undo.push(() => sink.close());
      return sink;
    };
    await expect(make('gate:wrong-hush').accept(aMessage())).rejects.toThrow('NATS did not take it');
    await make('gate:hush').accept(aMessage());
    expect(JSON.stringify(logged)).toMatch(/Authorization Violation/i);
    expect(JSON.stringify(logged)).not.toContain('hush');
  });
});

describeWith('nats')('A message to a device by NATS', () => {
  const ask = async (client: NatsConnection, subject: string, payload = '510,press-7'): Promise<unknown> => {
    try {
      return (await client.request(subject, payload, { timeout: 5_000 })).json();
    } catch (error) {
      return error instanceof RequestError && error.isNoResponders() ? 'no responders' : error;
    }
  };
  const heard: string[] = [];
  const open = (inboxes: InMemoryDeviceInboxes, where: string, device = PRESS): (() => void) =>
    inboxes.open(device, async ({ topic, payload }) => {
      heard.push(`${where} ${topic} ${Buffer.from(payload).toString()}`);
      return 'acknowledged';
    });
  const nodes = async (): Promise<Bench & { readonly other: InMemoryDeviceInboxes }> => {
    heard.length = 0;
    const made = await bench();
    const { sink, inboxes } = made.node();
    for (const one of [made.sink, sink]) await one.accept(aMessage()); // both are connected
    return { ...made, other: inboxes };
  };
  /** Until NATS knows of it: a subscription is no question that it answers. */
  const isReady = async (client: NatsConnection, subject: string): Promise<void> => {
    while ((await ask(client, `${subject}.no%20topic`)) === 'no responders') await new Promise((resolve) => setTimeout(resolve, 5));
    heard.length = 0;
  };

  it('D-70 comes to the node that the device is on, and who sends hears what became of it', async () => {
    const { inboxes, other, client } = await nodes();
    open(inboxes, 'node 1', { tenant: aTenantId('acme'), device: aDeviceId('drill') });
    open(other, 'node 2');
    await isReady(client, SUBJECT);
    expect(await ask(client, `${SUBJECT}.s.dc.a%2Eb`)).toEqual({ status: 'acknowledged' });
    expect(heard).toEqual(['node 2 s/dc/a.b 510,press-7']);
  });

  it('D-70 to a device that is nowhere, or to one of no tenant, has no responders, and is kept nowhere', async () => {
    const { inboxes, client } = await nodes();
    const close = open(inboxes, 'node 1');
    await isReady(client, SUBJECT);
    close();
    while ((await ask(client, `${SUBJECT}.s.ds`)) !== 'no responders') await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await ask(client, 'fleetgate-down.nobody.press.s.ds')).toBe('no responders');
    const before = await count(client);
    heard.length = 0;
    open(inboxes, 'node 1');
    await isReady(client, SUBJECT);
    expect([heard, await count(client)]).toEqual([[], before]);
  });

  it('T05 comes to no other device, whatever its name', async () => {
    const { inboxes, client } = await nodes();
    const names = ['*', '>', 'press 7', 'press 7.a.s', 'press%207%2Ea', 'a.>', '%', ' '];
    for (const name of names) open(inboxes, name, { tenant: aTenantId('acme'), device: aDeviceId(name) });
    open(inboxes, 'the twin', { tenant: aTenantId('other'), device: PRESS.device });
    open(inboxes, 'the one');
    await isReady(client, SUBJECT);
    await ask(client, `${SUBJECT}.s.ds`);
    expect(heard).toEqual(['the one s/ds 510,press-7']);
  });

  it('D-70 whose topic was not encoded as it must be is answered no-such-topic', async () => {
    const { inboxes, client } = await nodes();
    open(inboxes, 'node 1');
    await isReady(client, SUBJECT);
    for (const subject of ['s.%2f', 's.ö', 's.%-x']) expect(await ask(client, `${SUBJECT}.${subject}`)).toEqual({ status: 'no-such-topic' });
    expect(heard).toEqual([]);
  });

  it('finds its devices again after kill -9 of the server', async () => {
    const { server, inboxes } = await nodes();
    open(inboxes, 'node 1');
    await server.kill();
    await server.restart();
    const client = await server.client();
    await isReady(client, SUBJECT);
    expect(await ask(client, `${SUBJECT}.s.ds`)).toEqual({ status: 'acknowledged' });
  }, 30_000);
});

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** A proxy that can swallow what the server says. */
async function aDeafProxy(port: number): Promise<{ readonly port: number; setDeaf: (is: boolean) => void; close: () => Promise<void> }> {
  let isDeaf = false;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connectTo(port, '127.0.0.1');
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => socket.destroy()));
    client.pipe(upstream);
    upstream.on('data', (data: Buffer) => void (isDeaf || client.write(data)));
    upstream.once('close', () => client.destroy());
    client.once('close', () => upstream.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  };
  return { port: (server.address() as { port: number }).port, setDeaf: (is) => (isDeaf = is), close };
}
