import { describe, expect, it } from '@jest/globals';
import { changesAreHeard } from '../../../src/adapters/http/readiness.ts';
import { ChangeWatch } from '../../../src/adapters/nodes/change-watch.ts';

/** A feed that is woken by hand, and a following that counts. */
function aWatch({ everyMs = 1_000_000, now = (): number => 0, work = async (): Promise<void> => undefined } = {}) {
  const told: string[] = [];
  let wake = (): void => undefined;
  const watch = new ChangeWatch({
    feed: { watch: (look) => ((wake = look), () => void told.push('unwatched')) },
    following: { begin: async () => void told.push('begin'), catchUp: async () => (told.push('look'), work()), lookAtAll: async () => undefined },
    log: { info: () => void told.push('info'), warn: () => void told.push('warn'), error: () => undefined },
    everyMs,
    now,
  });
  return { watch, told, wake: () => wake() };
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('The watch over changes', () => {
  it('begins before anything can come in, looks when it is woken, and ends', async () => {
    const { watch, told, wake } = aWatch();
    await watch.start();
    wake();
    await watch.stop();
    expect(told).toEqual(['begin', 'look', 'unwatched']);
  });

  it('never looks twice at a time, and looks again when it was woken in between', async () => {
    let done = (): void => undefined;
    const { watch, told, wake } = aWatch({ work: () => new Promise((resolve) => (done = resolve)) });
    await watch.start();
    wake();
    wake();
    wake();
    await turn();
    expect(told).toEqual(['begin', 'look']);
    done();
    await turn();
    expect(told).toEqual(['begin', 'look', 'look']);
    done();
    await watch.stop();
  });

  it('looks by the clock where nothing wakes it', async () => {
    const looked = Promise.withResolvers<void>();
    const { watch } = aWatch({ everyMs: 1, work: async () => looked.resolve() });
    await watch.start();
    await looked.promise;
    await watch.stop();
  });

  it('F26 tells for how long it has not known all, and is not ready after five seconds of that', async () => {
    let [time, broken] = [1_000, true];
    const { watch, wake } = aWatch({ now: () => time, work: async () => ((time += 500), broken ? Promise.reject(new Error('no store')) : undefined) });
    const ready = async (): Promise<unknown> => changesAreHeard(watch.lag).holds();
    await watch.start();
    wake();
    await turn();
    expect([watch.lag(), await ready()]).toEqual([0.5, true]);
    time += 4_500;
    expect([watch.lag(), await ready()]).toEqual([5, true]);
    time += 1;
    wake();
    await turn();
    await expect(ready()).rejects.toThrow('6 s behind');
    broken = false;
    wake();
    await turn();
    // What changed while it looked, it may not have seen.
    expect([watch.lag(), await ready()]).toEqual([0.5, true]);
    await watch.stop();
  });

  it('F26 warns once while the store is out of order, goes on asking, and says when it is heard of again', async () => {
    let broken = true;
    const { watch, told, wake } = aWatch({ work: async () => (broken ? Promise.reject(new Error('no store')) : undefined) });
    await watch.start();
    for (let i = 0; i < 3; i++) {
      wake();
      await turn();
    }
    broken = false;
    wake();
    await turn();
    await watch.stop();
    expect(told).toEqual(['begin', 'look', 'warn', 'look', 'look', 'look', 'info', 'unwatched']);
  });
});
