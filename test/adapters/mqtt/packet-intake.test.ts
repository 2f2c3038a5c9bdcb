import { describe, expect, it } from '@jest/globals';
import { duplexPair } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { PacketIntake } from '../../../src/adapters/mqtt/packet-intake.ts';
import { frame } from '../../support/mqtt-bytes.ts';

describe('the intake of packets', () => {
  it.each(Array.from({ length: 12 }, (_, i) => i))('M20 leaves no packet lying, at whatever moment it comes: %i turns after the first', async (turns) => {
    const taken: number[] = [];
    let ended = 0;
    const intake: PacketIntake = new PacketIntake({
      stream: duplexPair()[0],
      maximumPacketBytes: 100,
      readAheadBytes: 100,
      isFirst: () => false,
      take: async (bytes) => taken.push(bytes[2]!) > 0,
      whenBroken: () => undefined,
      whenIdle: () => undefined,
      whenEnded: () => (ended += 1),
    });
    intake.push(frame(0x40, 1));
    for (let i = 0; i < turns; i += 1) await undefined;
    intake.push(frame(0x40, 2));
    intake.end();
    await setImmediate();
    expect([taken, ended]).toEqual([[1, 2], 1]);
  });

  it('F23 lets other connections have a turn after every hundred packets of one', async () => {
    let taken = 0;
    let ended: () => void;
    const allTaken = new Promise<void>((resolve) => (ended = resolve));
    const intake = new PacketIntake({
      stream: duplexPair()[0],
      maximumPacketBytes: 100,
      readAheadBytes: 100,
      isFirst: () => false,
      take: async () => (taken += 1) > 0,
      whenBroken: () => undefined,
      whenIdle: () => undefined,
      whenEnded: () => ended(),
    });
    intake.push(Buffer.concat(Array.from({ length: 1000 }, () => frame(0x40, 1))));
    intake.end();
    await setImmediate();
    expect(taken).toBeLessThanOrEqual(200);
    await allTaken;
    expect(taken).toBe(1000);
  });
});
