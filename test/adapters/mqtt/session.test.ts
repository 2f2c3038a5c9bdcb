import { describe, expect, it } from '@jest/globals';
import type { Packet } from 'mqtt-packet';
import type { SessionEnd } from '../../../src/domain/sessions/device-session.ts';
import { connect } from '../../support/mqtt-bytes.ts';
import { later, MqttPair, type PairWishes } from '../../support/mqtt-pair.ts';

const WILL = { topic: 's/us', payload: '400,gone,away', qos: 1, retain: true } as const;
const willOf = (pair: MqttPair): string[] => pair.messages.filter(({ isWill }) => isWill).map(({ topic, payload }) => `${topic} ${Buffer.from(payload).toString()}`);
const withWill = (wishes: PairWishes = {}): Promise<MqttPair> => new MqttPair(wishes).open({ will: WILL });
const message = (payload: string): Packet => ({ cmd: 'publish', topic: 's/us', qos: 0, payload, dup: false, retain: false });

describe('a session that ends', () => {
  it.each<[SessionEnd, number, boolean]>([
    ['taken-over', 0x8e, true],
    ['anchor-withdrawn', 0x87, false],
    ['certificate-revoked', 0x98, false],
    ['device-removed', 0x87, false],
    ['tenant-suspended', 0x87, false],
    ['server-shutting-down', 0x8b, true],
  ])('M15 because of %s says so in MQTT 5, and closes in any version; a device without trust has no will', async (why, reasonCode, willCounts) => {
    const five = await withWill({ version: 5 });
    five.questions[0]!.end(why);
    expect((await five.over()).slice(1)).toMatchObject([{ cmd: 'disconnect', reasonCode, properties: { reasonString: expect.stringContaining(`session.${why}`) } }]);
    expect([five.ending, willOf(five).length]).toEqual([`session.${why}`, willCounts ? 1 : 0]);
    const old = await withWill();
    old.questions[0]!.end(why);
    expect(await old.over()).toHaveLength(1);
    expect([old.ending, old.disconnected]).toEqual([`session.${why}`, ['session-1']]);
  });

  it('M15 is never told the same twice, and does nothing more', async () => {
    const pair = await new MqttPair({ version: 5 }).open();
    pair.send(message('a'));
    await pair.settled();
    pair.questions[0]!.end('taken-over');
    pair.questions[0]!.end('taken-over');
    pair.connection.shutDown();
    pair.client.write(Buffer.from([0xc0, 0]));
    expect((await pair.over()).map(({ cmd }) => cmd)).toEqual(['connack', 'disconnect']);
    expect(pair.disconnected).toEqual(['session-1']);
  });

  it('by the server’s shutdown says 0x8B and resolves `closed`', async () => {
    const pair = await new MqttPair({ version: 5 }).open();
    pair.connection.shutDown();
    expect((await pair.over()).at(-1)).toMatchObject({ cmd: 'disconnect', reasonCode: 0x8b });
    expect(pair.timers.running).toBe(0);
  });

  it('before there is one: shutdown closes a connection that has said nothing', async () => {
    const pair = new MqttPair();
    pair.connection.shutDown();
    expect(await pair.over()).toEqual([]);
    expect([pair.disconnected, pair.timers.running]).toEqual([[], 0]);
  });

  it('is cut when the client does not close its side in time', async () => {
    const pair = await new MqttPair({ closesToo: false }).open();
    pair.connection.shutDown();
    await pair.settled();
    expect(pair.server.destroyed).toBe(false);
    pair.timers.pass(2000);
    await pair.over();
    expect(pair.disconnected).toEqual(['session-1']);
  });

  it('is cut when the client goes on sending for long', async () => {
    const pair = await new MqttPair({ closesToo: false }).open();
    pair.connection.shutDown();
    pair.client.write(Buffer.alloc(200_000));
    await pair.over();
    expect(pair.server.destroyed).toBe(true);
  });
});

describe('the line in the log', () => {
  it.each([
    ['the client took its leave', (pair: MqttPair) => pair.send({ cmd: 'disconnect' }), 'connection.left: the client took its leave ([MQTT-3.14.4-3]).'],
    ['the client is gone', (pair: MqttPair) => pair.vanish(), 'connection.gone: the connection broke, or the client closed it without DISCONNECT (MQTT 3.1.1 §3.1.2.5).'],
    ['the server goes down', (pair: MqttPair) => pair.connection.shutDown(), 'session.server-shutting-down: the server is going down; connect again in a moment (MQTT 5 §3.14.2.1).'],
    ['the client broke a rule', (pair: MqttPair) => pair.timers.pass(90_000), 'connection.keep-alive: required is that a packet arrives within one and a half times the keep-alive ([MQTT-3.1.2-24]).'],
  ])('says what happened, and speaks of a requirement only where one was broken: %s', async (_why, end, sentence) => {
    const pair = await new MqttPair().open();
    end(pair);
    await pair.over();
    expect(pair.logged.at(-1)).toMatchObject({ level: 'info', sentence });
  });
});

describe('a will', () => {
  it.each([
    ['the peer is gone without a word', (pair: MqttPair) => pair.vanish(), 'connection.gone'],
    ['the peer half-closes', (pair: MqttPair) => pair.client.end(), 'connection.gone'],
    ['the peer breaks the protocol', (pair: MqttPair) => pair.send(connect()), 'packet.connect-twice'],
    ['the peer falls silent', (pair: MqttPair) => pair.timers.pass(90_000), 'connection.keep-alive'],
  ])('goes to the sink when %s', async (_why, end, code) => {
    const pair = await withWill();
    end(pair);
    await pair.over();
    expect([willOf(pair), pair.ending]).toEqual([['s/us 400,gone,away'], code]);
    expect(pair.messages[0]).toMatchObject({ tenant: 'main', device: 'dev01', isWill: true });
  });

  it.each([
    [4, { cmd: 'disconnect' }, 0],
    [5, { cmd: 'disconnect', reasonCode: 0 }, 0],
    [5, { cmd: 'disconnect', reasonCode: 4 }, 1],
    [5, { cmd: 'disconnect', reasonCode: 0x80 }, 1],
  ] as const)('of level %i after %j goes to the sink %i times', async (version, packet, times) => {
    const pair = await withWill({ version });
    pair.send(packet);
    expect(await pair.over()).toHaveLength(1);
    expect(willOf(pair)).toHaveLength(times);
  });

  it('is forgotten by a DISCONNECT that names a session expiry, where CONNECT named one too', async () => {
    const pair = await new MqttPair({ version: 5 }).open({ will: WILL, properties: { sessionExpiryInterval: 10 } });
    pair.send({ cmd: 'disconnect', reasonCode: 0, properties: { sessionExpiryInterval: 5 } });
    await pair.over();
    expect([pair.ending, willOf(pair)]).toEqual(['connection.left', []]);
  });

  it('comes after the messages before it, and `closed` waits for it', async () => {
    const taken = later<void>();
    const pair = await withWill({ accept: () => taken.promise });
    pair.send(message('last words'));
    await pair.settled();
    pair.vanish();
    let isClosed = false;
    void pair.connection.closed.then(() => (isClosed = true));
    await pair.settled();
    expect([isClosed, pair.disconnected]).toEqual([false, ['session-1']]);
    taken.resolve();
    await pair.over();
    expect(pair.messages.map(({ payload, isWill }) => [Buffer.from(payload).toString(), isWill])).toEqual([
      ['last words', false],
      ['400,gone,away', true],
    ]);
  });

  it('that the sink does not take is lost, and the log says so', async () => {
    const pair = await withWill({ accept: () => Promise.reject(new Error('full')) });
    pair.vanish();
    await pair.over();
    expect(pair.logged).toContainEqual(expect.objectContaining({ level: 'error', sentence: expect.stringContaining('will was lost') }));
  });

  it('to an unknown topic is let in, and goes nowhere', async () => {
    const pair = await new MqttPair().open({ will: { topic: 'no/such', payload: 'x' } });
    pair.vanish();
    await pair.over();
    expect(pair.messages).toEqual([]);
  });
});

describe('a client that goes', () => {
  it('may send, take its leave and close at once: all of it counts, although the sink is slow', async () => {
    const taken = later<void>();
    const pair = await withWill({ accept: () => taken.promise });
    pair.send(message('a'), message('b'), { cmd: 'disconnect' });
    pair.client.end();
    await pair.settled();
    pair.vanish();
    await pair.settled();
    taken.resolve();
    await pair.over();
    expect(pair.messages.map(({ payload }) => Buffer.from(payload).toString())).toEqual(['a', 'b']);
    expect([pair.ending, pair.disconnected]).toEqual(['connection.left', ['session-1']]);
  });

  it('M21 half-closes after CONNECT: the session ends, once', async () => {
    const pair = await new MqttPair().open();
    pair.client.end();
    await pair.over();
    expect([pair.disconnected, pair.ending, pair.timers.running]).toEqual([['session-1'], 'connection.gone', 0]);
  });

  it('M21 half-closes before CONNECT: closed, and nothing is left', async () => {
    const pair = new MqttPair();
    pair.client.end(Buffer.from([0x10, 0x20]));
    await pair.over();
    expect([pair.disconnected, pair.questions, pair.timers.running]).toEqual([[], [], 0]);
  });

  it('M21 is reset: a stream error ends the session and nothing else', async () => {
    const pair = await new MqttPair().open();
    pair.server.destroy(new Error('ECONNRESET'));
    await pair.over();
    expect(pair.disconnected).toEqual(['session-1']);
  });
});

describe('a client that is silent', () => {
  it.each([
    [60, 90_000],
    [5, 7500],
    [1800, 2_700_000],
    [1801, 2_700_000],
    [65_535, 2_700_000],
    [0, 2_700_000],
  ])('M16 for one and a half times its keep-alive of %i s, at most 1800 s, is closed', async (keepalive, ms) => {
    const pair = await new MqttPair({ version: 5 }).open({ keepalive });
    pair.timers.pass(ms - 1);
    expect(pair.ending).toBeUndefined();
    pair.timers.pass(1);
    expect((await pair.over())[1]).toMatchObject({ cmd: 'disconnect', reasonCode: 0x8d });
    expect([pair.ending, pair.disconnected, pair.timers.running]).toEqual(['connection.keep-alive', ['session-1'], 0]);
  });

  it('M16 is not closed as long as packets come', async () => {
    const pair = await new MqttPair().open();
    for (let i = 0; i < 3; i += 1) {
      pair.timers.pass(89_000);
      pair.send({ cmd: 'pingreq' });
      expect(await pair.next()).toMatchObject({ cmd: 'pingresp' });
    }
    pair.timers.pass(90_000);
    await pair.over();
    expect(pair.ending).toBe('connection.keep-alive');
  });

  it('M16 is closed although bytes come, when they make no packet', async () => {
    const pair = await new MqttPair().open();
    for (const byte of [0x30, 0x20, 0x00]) {
      pair.send(Buffer.from([byte]));
      await pair.settled();
      pair.timers.pass(30_000);
    }
    await pair.over();
    expect(pair.ending).toBe('connection.keep-alive');
  });

  it('M16 is not blamed for the time in which its message waits for the sink', async () => {
    const taken = later<void>();
    const pair = await new MqttPair({ accept: () => taken.promise }).open();
    pair.send(message('a'), { cmd: 'pingreq' });
    await pair.settled();
    pair.timers.pass(900_000);
    taken.resolve();
    expect(await pair.next()).toMatchObject({ cmd: 'pingresp' });
    pair.timers.pass(90_000);
    await pair.over();
    expect(pair.ending).toBe('connection.keep-alive');
  });
});

describe('D-71 a client that sends too fast', () => {
  const pings = (count: number) => Array.from({ length: count }, (): Packet => ({ cmd: 'pingreq' }));
  const answered = (pair: MqttPair) => pair.packets.filter(({ cmd }) => cmd === 'pingresp').length;

  it('is worked on at its rate after a burst; nothing is lost, and nothing is read ahead without end', async () => {
    const pair = await new MqttPair({ limits: { packetsPerSecond: 2, readAheadBytes: 1024 } }).open();
    pair.send(...pings(19), ...pings(3)); // CONNECT was one of the twenty
    await pair.settled();
    expect(answered(pair)).toBe(19);
    pair.timers.pass(499);
    await pair.settled();
    expect(answered(pair)).toBe(19);
    for (const [ms, expected] of [[51, 20], [500, 21], [500, 22]] as const) {
      pair.timers.pass(ms);
      await pair.settled();
      expect(answered(pair)).toBe(expected);
    }
    for (let i = 0; i < 100; i += 1) pair.send(...pings(500));
    await pair.settled();
    expect(pair.server.readableLength).toBeLessThan(2 * 65_536); // the stream's own
  });

  it('has its session ended while it waits', async () => {
    const pair = await new MqttPair({ version: 5, limits: { packetsPerSecond: 2 } }).open();
    pair.send(...pings(30));
    await pair.settled();
    pair.questions[0]!.end('device-removed');
    pair.timers.pass(50);
    expect((await pair.over()).at(-1)).toMatchObject({ cmd: 'disconnect', reasonCode: 0x87 });
    pair.timers.pass(60_000);
    expect([pair.disconnected, pair.timers.running]).toEqual([['session-1'], 0]);
  });
});

describe('what is sent', () => {
  it('is one write for all the answers to one chunk', async () => {
    const pair = await new MqttPair().open();
    pair.writes.length = 0;
    pair.send(...Array.from({ length: 50 }, (): Packet => ({ cmd: 'pingreq' })));
    for (let i = 0; i < 50; i += 1) await pair.next();
    expect(pair.writes).toEqual([100]);
  });

  it('M19 is bounded for a client that never reads: it is cut, its session ends, its memory is given back', async () => {
    const pair = new MqttPair({ reads: false, limits: { unsentBytes: 4096, packetsPerSecond: Infinity } });
    pair.send(pair.connectPacket());
    await pair.settled();
    let most = 0;
    for (let i = 0; i < 1000 && !pair.server.destroyed; i += 1) {
      pair.send(...Array.from({ length: 500 }, (): Packet => ({ cmd: 'pingreq' })));
      await pair.settled();
      most = Math.max(most, pair.server.writableLength);
    }
    await pair.connection.closed;
    expect([pair.ending, pair.disconnected]).toEqual(['connection.does-not-read', ['session-1']]);
    expect(most).toBeLessThan(4096 + 2 * 1000);
  });
});
