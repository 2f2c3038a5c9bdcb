import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { DailyRound } from '../../../src/adapters/system/daily-round.ts';

describe('The daily round', () => {
  it('is made at the start and once a day, one after the other, until it is stopped', async () => {
    const rounds = new EventEmitter();
    let [made, atOnce, most] = [0, 0, 0];
    const warn = async (): Promise<void> => {
      most = Math.max(most, (atOnce += 1));
      await new Promise((resolve) => setImmediate(resolve));
      atOnce -= 1;
      made += 1;
      rounds.emit('made');
    };
    const round = new DailyRound({ forecast: { warn }, dayMs: 1 });
    const third = (async () => {
      while (made < 3) await once(rounds, 'made');
    })();
    expect([await round.start(), made]).toEqual([[], 0]);
    await third;
    await round.stop();
    const after = made;
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect([made, most, atOnce]).toEqual([after, 1, 0]);
  });

  it('can be stopped before it was started, and twice', async () => {
    const round = new DailyRound({ forecast: { warn: async () => undefined } });
    await round.stop();
    await round.start();
    await round.stop();
    await round.stop();
  });
});
