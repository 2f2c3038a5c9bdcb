import { describe, expect, it } from '@jest/globals';
import type { IPublishPacket } from 'mqtt-packet';
import type { Delivery } from '../../../src/ports/driven/device-inboxes.ts';
import { CONNECTION_LIMITS } from '../../../src/adapters/mqtt/connection-limits.ts';
import { aSession, MqttPair, type PairWishes } from '../../support/mqtt-pair.ts';
import { aMessageToDevice } from '../../contracts/device-inboxes.contract.ts';

const DEV01 = { tenant: aSession().tenant, device: aSession().device };

async function listening(qos: 0 | 1 | 2, wishes: PairWishes = {}, ...topics: readonly string[]): Promise<MqttPair> {
  const pair = await new MqttPair(wishes).open();
  pair.send({ cmd: 'subscribe', messageId: 1, subscriptions: (topics.length > 0 ? topics : ['s/ds']).map((topic) => ({ topic, qos })) });
  await pair.next();
  return pair;
}
const deliver = (pair: MqttPair, topic?: string, text?: string): Promise<Delivery> => pair.inboxes.deliver(DEV01, aMessageToDevice(topic, text));

describe('a message of somebody else for a device', () => {
  it('in QoS 0 is sent, and nobody waits for anything', async () => {
    const pair = await listening(0);
    expect(await deliver(pair)).toBe('sent');
    expect(await pair.next()).toMatchObject({ cmd: 'publish', topic: 's/ds', payload: Buffer.from('510,press-7'), qos: 0, retain: false, dup: false });
  });

  it.each([
    [1, 4, 'acknowledged'],
    [2, 4, 'acknowledged'],
    [1, 5, 'not-acknowledged'],
    [2, 5, 'not-acknowledged'],
  ] as const)('in QoS %i waits for the device, level %i: %s', async (qos, version, how) => {
    const pair = await listening(qos, { version });
    const settled = deliver(pair);
    const { messageId } = (await pair.next()) as IPublishPacket;
    const says = async (): Promise<string> => Promise.race([settled, pair.settled().then(() => 'nothing yet')]);
    expect(await says()).toBe('nothing yet');
    const no = how === 'not-acknowledged' ? { reasonCode: 0x83 } : {};
    if (qos === 1) pair.send({ cmd: 'puback', messageId: messageId!, ...no });
    else {
      pair.send({ cmd: 'pubrec', messageId: messageId!, ...no });
      if (version === 4) {
        await pair.next();
        expect(await says()).toBe('nothing yet');
        pair.send({ cmd: 'pubcomp', messageId: messageId! });
      }
    }
    expect(await settled).toBe(how);
  });

  it.each([1, 2] as const)('in QoS %i that the device does not acknowledge before its connection ends is told so, sent or still waiting', async (qos) => {
    const pair = await listening(qos, { version: 5 });
    const narrow = await new MqttPair({ version: 5 }).open({ properties: { receiveMaximum: 1 } });
    narrow.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 's/ds', qos }] });
    await narrow.next();
    const all = [deliver(pair), deliver(narrow), deliver(narrow)];
    await pair.settled();
    pair.vanish();
    narrow.send({ cmd: 'disconnect' });
    expect(await Promise.all(all)).toEqual(['not-acknowledged', 'not-acknowledged', 'not-acknowledged']);
    expect(await deliver(pair)).toBe('no-session');
  });

  it.each([
    ['s/e', 'not-subscribed'],
    ['s/dat', 'no-such-topic'],
    ['s/us', 'no-such-topic'],
    ['s/uat', 'no-such-topic'],
    ['anything', 'no-such-topic'],
    ['', 'no-such-topic'],
    ['s/dc/#', 'no-such-topic'],
    ['s/dc/a\0b', 'no-such-topic'],
    ['s/dc/a\uFFFDb', 'no-such-topic'],
  ])('T07 does not reach it on %j: %s; a token comes from the gate alone', async (topic, how) => {
    const pair = await listening(0, {}, 's/ds', 's/dat', 's/dc/#');
    expect(await deliver(pair, topic)).toBe(how);
    pair.send({ cmd: 'pingreq' });
    expect(await pair.next()).toMatchObject({ cmd: 'pingresp' });
  });

  it('comes by s/dc/# too, and once where filters overlap, in the highest QoS [MQTT-3.3.5-1]', async () => {
    const pair = await listening(0, {}, 's/dc/#');
    expect([await deliver(pair, 's/dc/tmpl'), await deliver(pair, 's/dl/tmpl')]).toEqual(['sent', 'not-subscribed']);
    expect(await pair.next()).toMatchObject({ cmd: 'publish', topic: 's/dc/tmpl', qos: 0 });
    pair.send({ cmd: 'subscribe', messageId: 2, subscriptions: [{ topic: 's/dc/tmpl', qos: 1 }] });
    await pair.next();
    void deliver(pair, 's/dc/tmpl');
    expect(await pair.next()).toMatchObject({ cmd: 'publish', topic: 's/dc/tmpl', qos: 1 });
    pair.send({ cmd: 'pingreq' });
    expect(await pair.next()).toMatchObject({ cmd: 'pingresp' });
  });

  it('larger than the device takes, or than anything here, is told so', async () => {
    const pair = await new MqttPair({ version: 5 }).open({ properties: { maximumPacketSize: 300 } });
    pair.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 's/ds', qos: 0 }] });
    await pair.next();
    expect([await deliver(pair, 's/ds', 'x'.repeat(280)), await deliver(pair, 's/ds', 'x'.repeat(281))]).toEqual(['sent', 'too-large']);
    const wide = await listening(0);
    const most = CONNECTION_LIMITS.maximumPacketBytes - 20;
    expect([await deliver(wide, 's/ds', 'x'.repeat(most)), await deliver(wide, 's/ds', 'x'.repeat(most + 1))]).toEqual(['sent', 'too-large']);
  });

  it('M19 for a device that acknowledges nothing is refused as busy before the gate’s own answers have no room', async () => {
    const pair = await listening(1, {}, 's/ds', 's/dat');
    const most = CONNECTION_LIMITS.unacknowledged - 8;
    for (let i = 0; i < most; i += 1) void deliver(pair);
    expect(await deliver(pair)).toBe('busy');
    pair.send({ cmd: 'publish', topic: 's/uat', payload: '', qos: 0, dup: false, retain: false });
    for (let i = 0; i < most; i += 1) await pair.next();
    expect(await pair.next()).toMatchObject({ cmd: 'publish', topic: 's/dat' });
    expect(pair.ending).toBeUndefined();
  });

  it('M19 for a device that does not read is refused as busy, and does not close its connection', async () => {
    const pair = new MqttPair({ reads: false, limits: { unsentBytes: 1_000 } });
    pair.send(pair.connectPacket(), { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 's/ds', qos: 0 }] });
    await pair.settled();
    const answers = new Set<Delivery>();
    for (let i = 0; i < 100; i += 1) {
      answers.add(await deliver(pair, 's/ds', 'x'.repeat(800)));
      await pair.settled();
    }
    expect([[...answers], pair.ending]).toEqual([['sent', 'busy'], undefined]);
  });

  it('D-15 reaches the connection that took over', async () => {
    const pair = await listening(0);
    const closed: string[] = [];
    pair.inboxes.open(DEV01, async () => (closed.push('the new one'), 'sent'));
    pair.send({ cmd: 'disconnect' });
    await pair.over();
    expect([await deliver(pair), closed]).toEqual(['sent', ['the new one']]);
  });
});
