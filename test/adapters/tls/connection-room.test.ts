import { describe, expect, it } from '@jest/globals';
import { Socket } from 'node:net';
import { ConnectionRoom } from '../../../src/adapters/tls/connection-room.ts';

describe('The room for connections', () => {
  it('F22 closes who comes while memory is short, says so, and lets those that are here be', () => {
    let short = false;
    const told: string[] = [];
    const room = new ConnectionRoom({ memory: { isShort: () => short }, turnedAway: { note: (kind) => void told.push(kind) } });
    const [here, comes, later] = [new Socket(), new Socket(), new Socket()];
    expect(room.enter(here)).toBe(true);
    short = true;
    expect([room.enter(comes), comes.destroyed, here.destroyed, told, room.open]).toEqual([false, true, false, ['memory-short'], 1]);
    short = false;
    expect(room.enter(later)).toBe(true);
    for (const socket of [here, later]) socket.destroy();
  });
});
