import { describe, expect, it } from '@jest/globals';
import type { IPublishPacket, Packet } from 'mqtt-packet';
import { judgeFilter, topicKind } from '../../../src/adapters/mqtt/device-topics.ts';
import { later, MqttPair } from '../../support/mqtt-pair.ts';

const publish = (topic: string, wish: Partial<IPublishPacket> = {}): IPublishPacket => ({
  cmd: 'publish',
  topic,
  qos: 0,
  payload: 'x',
  dup: false,
  retain: false,
  ...wish,
});

const UPSTREAM = [
  's/us', 't/us', 'q/us', 'c/us', 's/us/child', 's/uc/tmpl', 'q/uc/a/b', 's/ut/tmpl', 'inventory/managedObjects/update/17',
  'measurement/measurements/create', 'measurement/measurements/createBulk', 'event/events/create', 'event/events/createBulk',
  'alarm/alarms/create', 'alarm/alarms/createBulk',
]; // prettier-ignore
const DOWNSTREAM = ['s/dat', 's/ds', 's/e', 's/dt', 's/dc/tmpl', 's/dl/x', 's/ol/x', 'devicecontrol/notifications', 'error'];
const UNKNOWN = ['x', 's/usx', 's/uatx', 't/uat', 's/uc', 's/dat/x', '/s/us', 'event/events/createX', '$SYS/x'];

describe('a topic', () => {
  it.each(UPSTREAM)('is upstream: %s', (topic) => expect(topicKind(topic)).toBe('upstream'));
  it.each(DOWNSTREAM)('is downstream, and may be subscribed: %s', (topic) => expect([topicKind(topic), judgeFilter(topic)]).toEqual(['downstream', 'granted']));
  it.each(UNKNOWN)('is unknown: %s', (topic) => expect(topicKind(topic)).toBe('unknown'));
  it('is for tokens: s/uat', () => expect(topicKind('s/uat')).toBe('token-request'));
  it('is granted as a wildcard once: s/dc/#', () => expect(judgeFilter('s/dc/#')).toBe('granted'));
  it.each([
    ['#', 'not-allowed'],
    ['+/dat', 'not-allowed'],
    ['s/+', 'not-allowed'],
    ['s/dat/#', 'not-allowed'],
    ['s/dl/#', 'not-allowed'],
    ['s/dc/+', 'not-allowed'],
    ['$SYS/#', 'not-allowed'],
    ['$SYS/broker', 'not-allowed'],
    ['s/us', 'not-allowed'],
    ['s/uat', 'not-allowed'],
    ['s/us/child', 'not-allowed'],
    ['$share/g/s/dat', 'shared'],
    ['s/dcx', 'no-such-topic'],
    ['S/DAT', 'no-such-topic'],
  ])('T06 is not granted: %s (%s)', (filter, verdict) => expect(judgeFilter(filter)).toBe(verdict));
});

describe('a subscription', () => {
  const filters = ['s/dat', '#', '$share/g/s/dat', 's/us', 'nothing/here', 's/ds'];
  it.each([
    [4, [2, 0x80, 0x80, 0x80, 0x80, 1]],
    [5, [2, 0x87, 0x9e, 0x87, 0x8f, 1]],
  ] as const)('T06 is granted with the QoS asked for, or refused, in level %i', async (version, granted) => {
    const pair = await new MqttPair({ version }).open();
    pair.send({ cmd: 'subscribe', messageId: 7, subscriptions: filters.map((topic, i) => ({ topic, qos: i === 0 ? 2 : 1 })) });
    expect(await pair.next()).toMatchObject({ cmd: 'suback', messageId: 7, granted });
  });

  it.each([
    ['thin-edge', ['s/dt', 's/ds', 's/e', 's/dc/#', 'devicecontrol/notifications', 'error', 's/dat', 's/dc/tmpl', 's/dl/x', 's/ol/x']],
    ['the Python agent', ['s/e', 's/ds', 's/dat', 's/dc/c8y-dm-agent-v1.0']],
  ])('T06 is granted for all that %s subscribes', async (_client, topics) => {
    const pair = await new MqttPair().open();
    pair.send({ cmd: 'subscribe', messageId: 1, subscriptions: topics.map((topic) => ({ topic, qos: 1 })) });
    expect(await pair.next()).toMatchObject({ granted: topics.map(() => 1) });
  });

  it('says in MQTT 5 why it was refused, once, and not to those who want no reasons', async () => {
    const ask: Packet = { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: '#', qos: 0 }] };
    const pair = await new MqttPair({ version: 5 }).open();
    pair.send(ask, ask);
    expect(await pair.next()).toHaveProperty('properties.reasonString', expect.stringMatching(/^Not granted: a device reads its own/));
    expect(await pair.next()).not.toHaveProperty('properties');
    const terse = await new MqttPair({ version: 5 }).open({ properties: { requestProblemInformation: false } });
    terse.send(ask);
    expect(await terse.next()).not.toHaveProperty('properties');
  });

  it('is one of so many; more are refused, and a known one may be changed', async () => {
    const pair = await new MqttPair({ version: 5, limits: { subscriptions: 2 } }).open();
    pair.send({ cmd: 'subscribe', messageId: 1, subscriptions: ['s/dc/a', 's/dc/b', 's/dc/c', 's/dc/a'].map((topic) => ({ topic, qos: 0 })) });
    expect(await pair.next()).toMatchObject({ granted: [0, 0, 0x97, 0] });
  });

  it.each([
    [4, []],
    [5, [0, 0x11]],
  ] as const)('ends by UNSUBSCRIBE in level %i, and no token comes by it any more', async (version, granted) => {
    const pair = await new MqttPair({ version }).open();
    pair.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 's/dat', qos: 0 }] });
    await pair.next();
    pair.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: ['s/dat', 's/ds'] }, publish('s/uat'), { cmd: 'pingreq' });
    expect(await pair.next()).toMatchObject({ cmd: 'unsuback', messageId: 2, length: version === 5 ? 5 : 2, ...(version === 5 && { granted }) });
    expect(await pair.next()).toMatchObject({ cmd: 'pingresp' });
    expect(pair.issued).toBe(0);
  });
});

describe('a message', () => {
  it.each([
    [0, []],
    [1, ['puback']],
    [2, ['pubrec', 'pubcomp']],
  ] as const)('of QoS %i goes to the sink as its device’s own, and is acknowledged', async (qos, answers) => {
    const pair = await new MqttPair().open();
    pair.send(publish('s/us', { qos, messageId: 9, payload: '100,a,b', retain: true }));
    if (qos === 2) {
      expect(await pair.next()).toMatchObject({ cmd: 'pubrec', messageId: 9 });
      pair.send({ cmd: 'pubrel', messageId: 9 });
    }
    pair.send({ cmd: 'disconnect' });
    expect((await pair.over()).slice(1).map(({ cmd }) => cmd)).toEqual(answers);
    expect(pair.messages).toEqual([{ tenant: 'main', device: 'dev01', topic: 's/us', payload: Buffer.from('100,a,b'), isWill: false }]);
  });

  it('is acknowledged only when the sink has it, and the next one waits for that', async () => {
    const taken = later<void>();
    const offered: string[] = [];
    const pair = await new MqttPair({
      accept: ({ payload }) => {
        offered.push(Buffer.from(payload).toString());
        return taken.promise;
      },
    }).open();
    pair.send(publish('s/us', { qos: 1, messageId: 1, payload: 'a' }), publish('s/us', { qos: 1, messageId: 2, payload: 'b' }));
    await pair.settled();
    expect([offered, pair.packets.length]).toEqual([['a'], 1]);
    taken.resolve();
    expect(await pair.next()).toMatchObject({ cmd: 'puback', messageId: 1 });
    expect(await pair.next()).toMatchObject({ cmd: 'puback', messageId: 2 });
  });

  it('of QoS 2 that is sent again before its PUBREL reaches the sink once', async () => {
    const pair = await new MqttPair().open();
    pair.send(publish('s/us', { qos: 2, messageId: 5 }), publish('s/us', { qos: 2, messageId: 5, dup: true }));
    expect([await pair.next(), await pair.next()]).toMatchObject([{ cmd: 'pubrec' }, { cmd: 'pubrec' }]);
    pair.send({ cmd: 'pubrel', messageId: 5 }, publish('s/us', { qos: 2, messageId: 5 }));
    expect([await pair.next(), await pair.next()]).toMatchObject([{ cmd: 'pubcomp' }, { cmd: 'pubrec' }]);
    expect(pair.messages).toHaveLength(2);
  });

  it.each([
    [4, undefined],
    [5, 0x93],
  ] as const)('of QoS 2 closes level %i when more are open than the Receive Maximum', async (version, reasonCode) => {
    const pair = await new MqttPair({ version, limits: { receiveMaximum: 2 } }).open();
    pair.send(...[1, 2, 3].map((messageId) => publish('s/us', { qos: 2, messageId })));
    const answers = await pair.over();
    expect([pair.ending, pair.messages.length]).toEqual(['publish.too-many-open', 2]);
    if (reasonCode) expect(answers.at(-1)).toMatchObject({ cmd: 'disconnect', reasonCode });
  });

  it('that the sink does not take is not acknowledged: MQTT 5 hears 0x89, and the log why', async () => {
    const pair = await new MqttPair({ version: 5, accept: () => Promise.reject(new Error('queue full')) }).open();
    pair.send(publish('s/us', { qos: 1, messageId: 1 }));
    expect((await pair.over()).slice(1)).toMatchObject([{ cmd: 'disconnect', reasonCode: 0x89 }]);
    expect([pair.ending, pair.disconnected]).toEqual(['connection.out-of-order', ['session-1']]);
    expect(pair.logged).toContainEqual(expect.objectContaining({ level: 'error', facts: expect.objectContaining({ error: 'Error: queue full' }) }));
  });

  it.each([
    [5, 0, undefined],
    [5, 1, { cmd: 'puback', messageId: 3, reasonCode: 0x97 }],
    [5, 2, { cmd: 'pubrec', messageId: 3, reasonCode: 0x97 }],
    [4, 0, undefined],
  ] as const)('D-69 for which the sink has no room is not taken, counted, and the connection stays: level %i, QoS %i', async (version, qos, answer) => {
    let room = false;
    const pair = await new MqttPair({ version, accept: async () => (room ? undefined : 'full') }).open();
    pair.send(publish('s/us', { qos, messageId: 3 }));
    if (answer) expect(await pair.next()).toMatchObject({ ...answer, properties: { reasonString: expect.stringMatching(/^Not taken: there is no room/) } });
    await pair.settled();
    expect([pair.messages, pair.asked]).toEqual([[], []]); // nor worked on: what was not taken was not said
    room = true;
    pair.send(publish('s/us', { qos, messageId: 3 }), { cmd: 'disconnect' });
    await pair.over();
    expect([pair.messages.length, pair.logged.at(-1)?.facts.dropped]).toEqual([1, { noRoom: 1 }]);
  });

  it.each([
    [3, 1],
    [4, 1],
    [4, 2],
  ] as const)('D-69 for which the sink has no room is not acknowledged and ends level %i, QoS %i: the device sends it again', async (version, qos) => {
    const pair = await new MqttPair({ version, accept: async () => 'full' }).open();
    pair.send(publish('s/us', { qos, messageId: 3 }));
    expect((await pair.over()).slice(1)).toEqual([]);
    expect([pair.ending, pair.disconnected]).toEqual(['connection.no-room', ['session-1']]);
  });

  it('D-69 that is a will and has no room is lost, and the log says so', async () => {
    const pair = await new MqttPair({ accept: async () => 'full' }).open({ will: { topic: 's/us', payload: Buffer.from('gone'), qos: 1, retain: false } });
    pair.vanish();
    await pair.over();
    expect(pair.logged).toContainEqual(expect.objectContaining({ level: 'error', sentence: 'A will was lost: there is no room for messages of devices.' }));
  });

  it.each([
    [4, 1, { cmd: 'puback', messageId: 3 }],
    [4, 2, { cmd: 'pubrec', messageId: 3 }],
    [5, 1, { cmd: 'puback', messageId: 3, reasonCode: 0x90 }],
    [5, 2, { cmd: 'pubrec', messageId: 3, reasonCode: 0x90 }],
  ] as const)('on an unknown topic is acknowledged, dropped and counted: level %i, QoS %i', async (version, qos, answer) => {
    const pair = await new MqttPair({ version }).open();
    pair.send(publish('no/such', { qos, messageId: 3 }));
    expect(await pair.next()).toMatchObject(answer);
    pair.send({ cmd: 'disconnect' });
    await pair.over();
    expect(pair.messages).toEqual([]);
    expect(pair.logged.at(-1)?.facts).toMatchObject({ dropped: { unknownTopic: 1 } });
  });

  it.each([
    [4, 1, 'pubcomp', 0],
    [5, 2, 'pubcomp', 0x92],
  ] as const)('of QoS 2 that was dropped is open until PUBREL in level %i only: sent again it counts %i times', async (version, times, cmd, reasonCode) => {
    const pair = await new MqttPair({ version }).open();
    pair.send(publish('no/such', { qos: 2, messageId: 3 }), publish('no/such', { qos: 2, messageId: 3, dup: true }), { cmd: 'pubrel', messageId: 3 });
    await pair.next();
    await pair.next();
    expect(await pair.next()).toMatchObject({ cmd, ...(version === 5 && { reasonCode }) });
    pair.send({ cmd: 'disconnect' });
    await pair.over();
    expect(pair.logged.at(-1)?.facts).toMatchObject({ dropped: { unknownTopic: times } });
  });

  it.each(DOWNSTREAM)('T07 on a topic by which the server answers closes: %s', async (topic) => {
    const pair = await new MqttPair({ version: 5 }).open();
    pair.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 0 }] }, publish(topic, { qos: 1, messageId: 2, payload: '71,x' }));
    expect((await pair.over()).slice(1)).toMatchObject([{ cmd: 'suback' }, { cmd: 'disconnect', reasonCode: 0x87 }]);
    expect([pair.ending, pair.messages]).toEqual(['topic.downstream', []]);
  });

  it('T05 is its sender’s own, whatever the client id says: tenant and device are those of the session', async () => {
    const pair = await new MqttPair().open({ clientId: 'd:other:x' });
    pair.send(publish('s/us', { qos: 1, messageId: 1 }));
    await pair.next();
    expect(pair.messages).toMatchObject([{ tenant: 'main', device: 'dev01' }]);
  });

  it('M17 acknowledgements that nobody asked for change nothing', async () => {
    const pair = await new MqttPair({ version: 5 }).open();
    pair.send(
      { cmd: 'puback', messageId: 1, reasonCode: 0 },
      { cmd: 'pubcomp', messageId: 2, reasonCode: 0 },
      { cmd: 'pubrec', messageId: 3, reasonCode: 0 },
      { cmd: 'pubrel', messageId: 4, reasonCode: 0 },
      { cmd: 'pingreq' },
    );
    expect(await pair.next()).toMatchObject({ cmd: 'pubrel', messageId: 3, reasonCode: 0x92 });
    expect(await pair.next()).toMatchObject({ cmd: 'pubcomp', messageId: 4, reasonCode: 0x92 });
    expect(await pair.next()).toMatchObject({ cmd: 'pingresp' });
  });
});
