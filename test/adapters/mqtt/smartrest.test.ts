import { describe, expect, it } from '@jest/globals';
import type { IPublishPacket, Packet, QoS } from 'mqtt-packet';
import { CONNECTION_LIMITS } from '../../../src/adapters/mqtt/connection-limits.ts';
import type { SmartrestDesk } from '../../../src/ports/driving/smartrest-desk.ts';
import { later, MqttPair, type PairWishes } from '../../support/mqtt-pair.ts';

const say = (payload: string, wish: Partial<IPublishPacket> = {}): IPublishPacket => ({ cmd: 'publish', topic: 's/us', qos: 0, payload, dup: false, retain: false, ...wish });
const textOf = (packet: Packet): string => (packet.cmd === 'publish' ? `${packet.topic} ${packet.payload.toString()}` : packet.cmd);
const OBJECT_ID: SmartrestDesk['answer'] = async () => ({ replies: [{ topic: 's/ds', payload: '124,4711' }], dropped: 0 });
/** Works on as many lines as it may, and replies to each. */
const ECHO: SmartrestDesk['answer'] = async ({ payload, mayWork }) => {
  const lines = Buffer.from(payload).toString().split('\n');
  const replies = lines.filter(() => mayWork()).map((line) => ({ topic: 's/ds', payload: line }) as const);
  return { replies, dropped: lines.length - replies.length };
};

async function listening(wishes: PairWishes = {}, qos: QoS = 0): Promise<MqttPair> {
  const pair = await new MqttPair(wishes).open();
  pair.send({ cmd: 'subscribe', messageId: 1, subscriptions: ['s/ds', 's/e'].map((topic) => ({ topic, qos })) });
  await pair.next();
  return pair;
}

/** All that comes up to the answer of a ping. */
async function heard(pair: MqttPair): Promise<readonly string[]> {
  pair.send({ cmd: 'pingreq' });
  const got: string[] = [];
  while (got.at(-1) !== 'pingresp') got.push(textOf(await pair.next()));
  return got.slice(0, -1);
}

describe('SmartREST', () => {
  it.each([
    ['s/us', false],
    ['t/us', false],
    ['q/us', false],
    ['c/us', false],
    ['s/us/child-1', true],
    ['t/us/a/b', true],
  ])('D-39 on %s goes to the sink, and is worked on for its device', async (topic, isAboutChild) => {
    const pair = await listening({ smartrest: OBJECT_ID });
    pair.send(say('123', { topic }));
    expect(await heard(pair)).toEqual(['s/ds 124,4711']);
    expect(pair.messages).toMatchObject([{ topic, device: 'dev01' }]);
    expect(pair.asked).toMatchObject([{ device: { tenant: 'main', device: 'dev01' }, isAboutChild }]);
    expect(Buffer.from(pair.asked[0]!.payload).toString()).toBe('123');
  });

  it.each(['s/uc/c8y-dm-agent-v1.0', 's/ut/x', 'event/events/create', 'inventory/managedObjects/update/1'])('D-39 is not looked for on %s, which the sink alone gets', async (topic) => {
    const pair = await listening({ smartrest: OBJECT_ID });
    pair.send(say('123', { topic }));
    expect(await heard(pair)).toEqual([]);
    expect([pair.messages.length, pair.asked]).toEqual([1, []]);
  });

  it.each([
    [0, []],
    [1, ['puback']],
    [2, ['pubrec']],
  ] as const)('D-39 of QoS %i is acknowledged when it is with the sink and worked on, and before its replies', async (qos, acknowledgement) => {
    const [taken, answered] = [later<void>(), later<Awaited<ReturnType<SmartrestDesk['answer']>>>()];
    const pair = await listening({ accept: () => taken.promise, smartrest: () => answered.promise });
    pair.send(say('123', qos === 0 ? {} : { qos, messageId: 7 }));
    await pair.settled();
    expect([pair.asked.length, pair.packets.length]).toEqual([0, 2]); // CONNACK and SUBACK
    taken.resolve();
    await pair.settled();
    expect([pair.asked.length, pair.packets.length]).toEqual([1, 2]);
    answered.resolve(await OBJECT_ID(pair.asked[0]!));
    expect(await heard(pair)).toEqual([...acknowledgement, 's/ds 124,4711']);
  });

  it('of QoS 2 that is sent again is worked on once', async () => {
    const pair = await listening({ smartrest: OBJECT_ID });
    pair.send(say('123', { qos: 2, messageId: 4 }), say('123', { qos: 2, messageId: 4, dup: true }), { cmd: 'pubrel', messageId: 4 });
    expect(await heard(pair)).toEqual(['pubrec', 's/ds 124,4711', 'pubrec', 'pubcomp']);
    expect([pair.messages.length, pair.asked.length]).toEqual([1, 1]);
  });

  it('that the sink did not take is not worked on, and its device is told to come again', async () => {
    const pair = await listening({ accept: () => Promise.reject(new Error('full')), smartrest: OBJECT_ID });
    pair.send(say('123', { qos: 1, messageId: 4 }));
    await pair.over();
    expect([pair.ending, pair.asked]).toEqual(['connection.out-of-order', []]);
  });

  it.each([0, 1, 2] as const)('is answered in the granted QoS: %i', async (qos) => {
    const pair = await listening({ smartrest: OBJECT_ID }, qos);
    pair.send(say('123'));
    expect(await pair.next()).toMatchObject({ cmd: 'publish', topic: 's/ds', qos, retain: false, dup: false });
  });

  it('is not answered on a topic that its device does not listen on', async () => {
    const replies = [{ topic: 's/ds', payload: '124,1' }, { topic: 's/e', payload: '40,9,x' }, { topic: 's/ds', payload: '106' }] as const;
    const pair = await new MqttPair({ smartrest: async () => ({ replies, dropped: 0 }) }).open();
    pair.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 's/e', qos: 0 }] }, say('whatever'));
    expect(await heard(pair)).toEqual(['suback', 's/e 40,9,x']);
  });

  it('that could not be worked on is acknowledged and answered, and the log says why', async () => {
    const pair = await listening({ smartrest: async () => ({ replies: [{ topic: 's/e', payload: '50,100,later' }], dropped: 0, failure: 'Error: disk gone' }) });
    pair.send(say('100,a,b', { qos: 1, messageId: 3 }));
    expect(await heard(pair)).toEqual(['puback', 's/e 50,100,later']);
    expect(pair.logged).toContainEqual(expect.objectContaining({ level: 'error', facts: expect.objectContaining({ device: 'dev01', error: 'Error: disk gone' }) }));
  });

  const { requestBurst, requestsPerSecond, tokenBurst, unacknowledged } = CONNECTION_LIMITS;

  it(`M14 is worked on ${requestBurst} times at once and ${requestsPerSecond} times a second, over all messages of a connection; the rest is counted in one log line`, async () => {
    const pair = await listening({ smartrest: ECHO });
    for (let i = 0; i < 10; i += 1) pair.send(say('123\n'.repeat(999)));
    expect(await heard(pair)).toHaveLength(requestBurst);
    pair.timers.pass(1000);
    pair.send(say('123\n'.repeat(999)));
    expect(await heard(pair)).toHaveLength(requestsPerSecond);
    pair.send({ cmd: 'disconnect' });
    await pair.over();
    expect(pair.logged.filter(({ facts }) => 'dropped' in facts)).toMatchObject([{ facts: { dropped: { requests: 11_000 - requestBurst - requestsPerSecond } } }]);
  });

  it('M19 at its full rate, with as many tokens as there are, closes nothing of a client that has not acknowledged yet', async () => {
    expect(requestBurst + tokenBurst).toBeLessThanOrEqual(unacknowledged);
    const pair = await listening({ smartrest: ECHO }, 1);
    pair.send({ cmd: 'subscribe', messageId: 2, subscriptions: [{ topic: 's/dat', qos: 1 }] }, say('123\n'.repeat(999)), ...Array.from({ length: 50 }, () => say('', { topic: 's/uat' })));
    expect(await heard(pair)).toHaveLength(1 + requestBurst + tokenBurst);
  });

  it('M19 of a client that never acknowledges the replies closes when too many lie about', async () => {
    const pair = await listening({ version: 5, smartrest: ECHO, limits: { unacknowledged: 3 } }, 1);
    pair.send(say('1\n2\n3\n4\n5'));
    expect((await pair.over()).at(-1)).toMatchObject({ cmd: 'disconnect', reasonCode: 0x97 });
  });

  it('of a will goes to the sink alone', async () => {
    const pair = await new MqttPair({ smartrest: OBJECT_ID }).open({ will: { topic: 's/us', payload: Buffer.from('100,a,b'), qos: 0, retain: false } });
    pair.vanish();
    await pair.over();
    expect([pair.messages.map(({ isWill }) => isWill), pair.asked]).toEqual([[true], []]);
  });
});
