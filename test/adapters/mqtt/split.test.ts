import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { generate, type Packet, type QoS } from 'mqtt-packet';
import { bytes, connect } from '../../support/mqtt-bytes.ts';
import { MqttPair, type Version } from '../../support/mqtt-pair.ts';

interface Outcome {
  readonly answers: string;
  readonly ending: string | undefined;
  readonly messages: number;
}

/** Sends `all` in the given chunks, closes, and tells what came of it. Fails if anything is left open. */
async function outcomeOf(version: Version, chunks: readonly Buffer[]): Promise<Outcome> {
  const pair = new MqttPair({ version });
  for (const chunk of chunks) {
    pair.client.write(chunk);
    await pair.settled();
  }
  pair.client.end();
  await pair.over();
  expect(pair.disconnected).toHaveLength(pair.packets.some((packet) => packet.cmd === 'connack' && (packet.returnCode ?? packet.reasonCode) === 0) ? 1 : 0);
  expect([pair.server.destroyed, pair.timers.running]).toEqual([true, 0]);
  expect(pair.logged.filter(({ level }) => level === 'error')).toEqual([]);
  return { answers: pair.bytes.toString('hex'), ending: pair.ending, messages: pair.messages.length };
}

function cutAt(all: Buffer, places: readonly number[]): Buffer[] {
  const cuts = [0, ...[...new Set(places.map((place) => place % (all.length + 1)))].sort((a, b) => a - b), all.length];
  return cuts.slice(1).map((end, i) => all.subarray(cuts[i], end));
}

const anId = fc.integer({ min: 1, max: 5 });
const aQos = fc.constantFrom<QoS>(0, 1, 2);
const aTopic = fc.constantFrom('s/us', 's/uat', 'no/such', 's/us/child', 's/dat');
const aFilter = fc.constantFrom('s/dat', 's/ds', 's/e', '#', 's/dc/#', '$share/a/s/dat');

const aPacket: fc.Arbitrary<Packet> = fc.oneof(
  fc.constant<Packet>({ cmd: 'pingreq' }),
  fc.record({ cmd: fc.constant('publish' as const), topic: aTopic, qos: aQos, messageId: anId, payload: fc.string(), dup: fc.constant(false), retain: fc.boolean() }),
  fc.record({ cmd: fc.constant('subscribe' as const), messageId: anId, subscriptions: fc.array(fc.record({ topic: aFilter, qos: aQos }), { minLength: 1, maxLength: 4 }) }),
  fc.record({ cmd: fc.constant('unsubscribe' as const), messageId: anId, unsubscriptions: fc.array(aFilter, { minLength: 1, maxLength: 3 }) }),
  fc.record({ cmd: fc.constantFrom('puback', 'pubrec', 'pubrel', 'pubcomp'), messageId: anId, reasonCode: fc.constant(0) }) as fc.Arbitrary<Packet>,
);

const aVersion = fc.constantFrom<Version>(4, 5);
const anyPlaces = fc.array(fc.nat(5000), { maxLength: 12 });

describe('the answers to a stream of bytes', () => {
  it('M20 are the same however it is cut, for any packets', async () => {
    await fc.assert(
      fc.asyncProperty(aVersion, fc.array(aPacket, { maxLength: 25 }), anyPlaces, async (version, packets, places) => {
        const all = bytes(connect({ level: version }), ...packets.map((packet) => generate(packet, { protocolVersion: version })));
        expect(await outcomeOf(version, cutAt(all, places))).toEqual(await outcomeOf(version, [all]));
      }),
      { numRuns: 60 },
    );
  });

  it('M20 are the same however it is cut, for any bytes, and nothing throws or stays open', async () => {
    const aPiece = fc.oneof(fc.uint8Array({ maxLength: 40 }).map((some) => Buffer.from(some)), aPacket.map((packet) => generate(packet)));
    await fc.assert(
      fc.asyncProperty(aVersion, fc.boolean(), fc.array(aPiece, { maxLength: 12 }), anyPlaces, async (version, connects, pieces, places) => {
        const all = bytes(...(connects ? [connect({ level: version })] : []), ...pieces);
        expect(await outcomeOf(version, cutAt(all, places))).toEqual(await outcomeOf(version, [all]));
      }),
      { numRuns: 100 },
    );
  });

  it('M20 are the same when valid packets have one byte changed', async () => {
    await fc.assert(
      fc.asyncProperty(aVersion, fc.array(aPacket, { minLength: 1, maxLength: 6 }), fc.nat(), fc.integer({ min: 1, max: 255 }), anyPlaces, async (version, packets, place, change, places) => {
        const all = bytes(connect({ level: version }), ...packets.map((packet) => generate(packet, { protocolVersion: version })));
        const at = place % all.length;
        all[at] = all[at]! ^ change;
        expect(await outcomeOf(version, cutAt(all, places))).toEqual(await outcomeOf(version, [all]));
      }),
      { numRuns: 100 },
    );
  });

  it('M20 are the same byte by byte and in one chunk', async () => {
    const packets: readonly Packet[] = [
      { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 's/dat', qos: 1 }] },
      { cmd: 'publish', topic: 's/uat', qos: 2, messageId: 2, payload: '', dup: false, retain: false },
      { cmd: 'publish', topic: 's/us', qos: 1, messageId: 3, payload: 'y'.repeat(300), dup: false, retain: false },
      { cmd: 'pubrel', messageId: 2 },
      { cmd: 'disconnect' },
    ];
    const all = bytes(connect(), ...packets.map((packet) => generate(packet)));
    const whole = await outcomeOf(4, [all]);
    expect(whole).toMatchObject({ ending: 'connection.left', messages: 1 });
    expect(await outcomeOf(4, cutAt(all, Array.from({ length: all.length }, (_, i) => i)))).toEqual(whole);
  });

  it('M20 are complete for 1,000 packets in one chunk', async () => {
    const packets = Array.from({ length: 1000 }, (_, i): Packet => ({ cmd: 'publish', topic: 's/us', qos: 1, messageId: i + 1, payload: `${i}`, dup: false, retain: false }));
    const pair = await new MqttPair().open();
    pair.send(...packets, { cmd: 'disconnect' });
    const answers = (await pair.over()).slice(1);
    expect(answers.map((packet) => packet.messageId)).toEqual(packets.map(({ messageId }) => messageId));
    expect(pair.messages.map(({ payload }) => Buffer.from(payload).toString())).toEqual(packets.map((_, i) => `${i}`));
  });
});
