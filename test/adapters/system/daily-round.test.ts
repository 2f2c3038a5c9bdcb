import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { DailyRound } from '../../../src/adapters/system/daily-round.ts';

describe('The daily round', () => {
  it('is made at the start, and keeps nobody waiting', async () => {
    let made = 0;
    const round = new DailyRound({ forecast: { warn: async () => void (made += 1) } });
    expect([await round.start(), made <= 1]).toEqual([[], true]);
    await round.stop();
    expect(made).toBe(1);
  });

  it('is made once a day, one after the other, until it is stopped', async () => {
    const rounds = new EventEmitter();
    let [made, atOnce, most] = [0, 0, 0];
    const warn = async (): Promise<void> => {
      most = Math.max(most, (atOnce += 1));
      await new Promise((resolve) => setImmediate(resolve));
      atOnce -= 1;
      rounds.emit('made', (made += 1));
    };
    const round = new DailyRound({ forecast: { warn }, dayMs: 1 });
    await round.start();
    while (made < 3) await once(rounds, 'made');
    await round.stop();
    const before = made;
    await new Promise((resolve) => setTimeout(resolve, 20)); // that nothing comes cannot be awaited
    expect([most, made]).toEqual([1, before]);
  });

  it('is let end before it is stopped', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let made = 0;
    const round = new DailyRound({ forecast: { warn: async () => ((made += 1), promise) }, dayMs: 60_000 });
    await round.start();
    let stopped = false;
    const stopping = round.stop().then(() => (stopped = true));
    await new Promise((turn) => setImmediate(turn));
    expect([made, stopped]).toEqual([1, false]);
    resolve();
    await stopping;
    expect(made).toBe(1);
  });

  it('can be stopped before it was started, and twice', async () => {
    const round = new DailyRound({ forecast: { warn: async () => undefined } });
    await round.stop();
    await round.start();
    await round.stop();
    await round.stop();
  });
});
