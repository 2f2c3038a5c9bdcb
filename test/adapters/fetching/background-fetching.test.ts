import { describe, expect, it } from '@jest/globals';
import { BackgroundFetching } from '../../../src/adapters/fetching/background-fetching.ts';

describe('Fetching in the background', () => {
  it('goes round after round, until it is stopped, which ends what is under way', async () => {
    const { promise: third, resolve } = Promise.withResolvers<void>();
    let rounds = 0;
    let isGivenUp = false;
    const work = new BackgroundFetching({
      everyMs: 1,
      fetching: {
        round: async (signal) => {
          rounds += 1;
          if (rounds < 3) return;
          resolve();
          await new Promise<void>((done) => signal!.addEventListener('abort', () => done()));
          isGivenUp = true;
        },
      },
    });
    expect([await work.start(), rounds]).toEqual([[], 0]);
    await third;
    await work.stop();
    await work.stop();
    expect([rounds, isGivenUp]).toEqual([3, true]);
  });

  it('does not begin where it is stopped before', async () => {
    const work = new BackgroundFetching({ everyMs: 0, fetching: { round: () => Promise.reject(new Error('a round')) } });
    await work.start();
    await work.stop();
    await new Promise((resolve) => setTimeout(resolve, 5));
  });
});
