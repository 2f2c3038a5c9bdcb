import { describe, expect, it } from '@jest/globals';
import type { IPublishPacket, Packet, QoS } from 'mqtt-packet';
import { grant, refuse } from '../../../src/domain/shared/decision.ts';
import { JWT, MqttPair, type PairWishes } from '../../support/mqtt-pair.ts';

const ask = (wish: Partial<IPublishPacket> = {}): IPublishPacket => ({
  cmd: 'publish',
  topic: 's/uat',
  qos: 0,
  payload: '',
  dup: false,
  retain: false,
  ...wish,
});
const textOf = (packet: Packet): string => (packet.cmd === 'publish' ? `${packet.topic} ${packet.payload.toString()}` : packet.cmd);

/** A device that listens on s/dat and s/e. */
async function listening(wishes: PairWishes = {}, qos: QoS = 0): Promise<MqttPair> {
  const pair = await new MqttPair(wishes).open();
  pair.send({ cmd: 'subscribe', messageId: 1, subscriptions: ['s/dat', 's/e'].map((topic) => ({ topic, qos })) });
  await pair.next();
  return pair;
}

describe('a token request', () => {
  it('J12 REQ-9 is answered with 71, and one compact JWS, nothing before and nothing behind it', async () => {
    const pair = await listening();
    pair.send(ask());
    const answer = await pair.next();
    expect(answer).toMatchObject({ cmd: 'publish', topic: 's/dat', qos: 0, retain: false, dup: false });
    expect(textOf(answer)).toMatch(/^s\/dat 71,[\w-]+\.[\w-]+\.[\w-]+$/);
    expect(textOf(answer)).toBe(`s/dat 71,${JWT}`);
    expect(JSON.stringify(pair.logged)).not.toContain(JWT);
  });

  it.each([`${JWT}\n`, `${JWT},x`, 'a.b', ''])('J12 is not answered by what is not a compact JWS, which is not logged either: %j', async (token) => {
    const pair = await listening({ issue: async () => grant(token) });
    pair.send(ask());
    expect(textOf(await pair.next())).toMatch(/^s\/e 41,,Fleetgate cannot make a token/);
    const logged = JSON.stringify(pair.logged);
    expect(logged).toContain('not a compact JWS');
    if (token !== '') expect(logged).not.toContain(JSON.stringify(token).slice(1, -1));
  });

  it.each([
    ['a body', {}, []],
    ['a body and QoS 1', { qos: 1, messageId: 4 }, ['puback']],
    ['a body and QoS 2', { qos: 2, messageId: 4 }, ['pubrec']],
    ['retain', { retain: true }, []],
  ] as const)('M12 with %s is acknowledged as any other, then answered once', async (_what, wish, answers) => {
    const pair = await listening();
    pair.send(ask({ payload: 'whatever', ...wish }), { cmd: 'pingreq' });
    const got: string[] = [];
    while (got.at(-1) !== 'pingresp') got.push(textOf(await pair.next()));
    expect(got).toEqual([...answers, `s/dat 71,${JWT}`, 'pingresp']);
    expect(pair.messages).toEqual([]);
  });

  it('M12 of QoS 2 that is sent again is answered once', async () => {
    const pair = await listening();
    pair.send(ask({ qos: 2, messageId: 4 }), ask({ qos: 2, messageId: 4, dup: true }), { cmd: 'pubrel', messageId: 4 }, { cmd: 'pingreq' });
    const got: string[] = [];
    while (got.at(-1) !== 'pingresp') got.push(textOf(await pair.next()));
    expect(got).toEqual(['pubrec', `s/dat 71,${JWT}`, 'pubrec', 'pubcomp', 'pingresp']);
  });

  it('M13 of a device that does not listen on s/dat makes no token and sends none', async () => {
    const pair = await new MqttPair().open();
    pair.send({ cmd: 'subscribe', messageId: 1, subscriptions: ['s/e', 's/ds'].map((topic) => ({ topic, qos: 0 })) }, ask({ qos: 1, messageId: 2 }), { cmd: 'pingreq' });
    expect([await pair.next(), await pair.next(), await pair.next()].map(textOf)).toEqual(['suback', 'puback', 'pingresp']);
    expect(pair.issued).toBe(0);
  });

  it('M14 is answered ten times at once and ten times a second; the rest is acknowledged, dropped and counted', async () => {
    const pair = await listening({ limits: { packetsPerSecond: Infinity } });
    pair.send(...Array.from({ length: 10_000 }, () => ask()), { cmd: 'pingreq' });
    const got: string[] = [];
    while (got.at(-1) !== 'pingresp') got.push(textOf(await pair.next()));
    expect([got.length, new Set(got).size]).toEqual([11, 2]);
    pair.timers.pass(500);
    pair.send(...Array.from({ length: 20 }, () => ask()), { cmd: 'disconnect' });
    expect((await pair.over()).filter(({ cmd }) => cmd === 'publish')).toHaveLength(15);
    expect(pair.issued).toBe(15);
    expect(pair.logged.at(-1)?.facts).toMatchObject({ dropped: { tokenRequests: 10_005 } });
  });

  it('M14 of a device that asked for nothing in the last minute is answered ten times at once, no more', async () => {
    const pair = await listening();
    pair.timers.pass(60_000);
    pair.send(...Array.from({ length: 30 }, () => ask()), { cmd: 'disconnect' });
    await pair.over();
    expect(pair.issued).toBe(10);
  });

  it.each([
    [4, 0, 0],
    [5, 0, 0x97],
  ] as const)('M14 beyond the rate is acknowledged in level %i', async (version, first, second) => {
    const pair = await listening({ version, limits: { tokenBurst: 1 } });
    pair.send(ask({ qos: 1, messageId: 1 }), ask({ qos: 1, messageId: 2 }));
    const [ack, , late] = [await pair.next(), await pair.next(), await pair.next()];
    expect([ack, late]).toMatchObject([{ messageId: 1 }, { messageId: 2 }]);
    if (version === 5) expect([ack, late]).toMatchObject([{ reasonCode: first }, { reasonCode: second, properties: { reasonString: expect.stringContaining('too many token requests') } }]);
  });

  it('that is refused says why on s/e, quoted where it holds a comma, and nothing on s/dat', async () => {
    const pair = await listening({ issue: async () => refuse({ code: 'token.trust-withdrawn' }) });
    pair.send(ask());
    const answer = textOf(await pair.next());
    expect(answer).toMatch(/^s\/e 41,,"token\.trust-withdrawn: required is that .*"$/);
    expect(answer).not.toContain('71,');
  });

  it('that cannot be answered because the desk is out of order leaves the connection open, and the log says why', async () => {
    const pair = await listening({ issue: () => Promise.reject(new Error('key file gone')) });
    pair.send(ask(), { cmd: 'pingreq' });
    expect([await pair.next(), await pair.next()].map(textOf)).toEqual(['s/e 41,,Fleetgate cannot make a token at the moment. Ask again later.', 'pingresp']);
    expect(pair.logged).toContainEqual(expect.objectContaining({ level: 'error', facts: expect.objectContaining({ error: 'Error: key file gone' }) }));
  });

  it('is answered in the QoS that was granted: 1, and forgotten on PUBACK', async () => {
    const pair = await listening({ limits: { unacknowledged: 1 } }, 1);
    for (let i = 1; i <= 5; i += 1) {
      pair.send(ask());
      const answer = await pair.next();
      expect(answer).toMatchObject({ cmd: 'publish', qos: 1, messageId: i });
      pair.send({ cmd: 'puback', messageId: i });
    }
  });

  it('is answered in QoS 2 with the whole handshake', async () => {
    const pair = await listening({ limits: { unacknowledged: 1 } }, 2);
    for (const messageId of [1, 2]) {
      pair.send(ask());
      expect(await pair.next()).toMatchObject({ cmd: 'publish', qos: 2, messageId });
      pair.send({ cmd: 'pubrec', messageId });
      expect(await pair.next()).toMatchObject({ cmd: 'pubrel', messageId });
      pair.send({ cmd: 'pubcomp', messageId });
    }
  });

  it('is answered within the Receive Maximum of the client: the next answer waits for the acknowledgement', async () => {
    const pair = await new MqttPair({ version: 5 }).open({ properties: { receiveMaximum: 1 } });
    pair.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 's/dat', qos: 1 }] }, ask(), ask(), { cmd: 'pingreq' });
    expect([await pair.next(), await pair.next(), await pair.next()].map(({ cmd }) => cmd)).toEqual(['suback', 'publish', 'pingresp']);
    pair.send({ cmd: 'puback', messageId: 1, reasonCode: 0 });
    expect(await pair.next()).toMatchObject({ cmd: 'publish', messageId: 2 });
  });

  it('of MQTT 5 whose answer was not taken (PUBREC 0x80) is over, and the next one is sent', async () => {
    const pair = await new MqttPair({ version: 5 }).open({ properties: { receiveMaximum: 1 } });
    pair.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 's/dat', qos: 2 }] }, ask(), ask());
    await pair.next();
    await pair.next();
    pair.send({ cmd: 'pubrec', messageId: 1, reasonCode: 0x80 });
    expect(await pair.next()).toMatchObject({ cmd: 'publish', messageId: 2 });
  });

  it('M19 of a client that never acknowledges closes when too many answers lie about', async () => {
    const pair = await listening({ version: 5, limits: { unacknowledged: 3 } }, 1);
    pair.send(...Array.from({ length: 4 }, () => ask()));
    expect((await pair.over()).at(-1)).toMatchObject({ cmd: 'disconnect', reasonCode: 0x97 });
    expect(pair.ending).toBe('connection.does-not-acknowledge');
  });

  it('whose answer is larger than the client takes is not answered, and that is counted', async () => {
    const pair = await new MqttPair({ version: 5 }).open({ properties: { maximumPacketSize: 60 } });
    pair.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 's/dat', qos: 1 }] }, ask(), { cmd: 'pingreq' }, { cmd: 'disconnect' });
    expect((await pair.over()).map(({ cmd }) => cmd)).toEqual(['connack', 'suback', 'pingresp']);
    expect(pair.logged.at(-1)?.facts).toMatchObject({ dropped: { tooLarge: 1 } });
  });
});
