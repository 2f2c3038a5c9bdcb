import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stateOf, watchFiles } from '../../../src/adapters/credentials/file-watch.ts';
import { temporaryDirectory } from '../../support/pki.ts';

const TIMES = { pollMs: 10, settleMs: 10 };
let directory: ReturnType<typeof temporaryDirectory>;
let file: string;
const ends: (() => void)[] = [];
beforeEach(() => {
  directory = temporaryDirectory();
  file = join(directory.path, 'file');
  writeFileSync(file, 'first');
});
afterEach(() => {
  for (const end of ends.splice(0)) end();
  directory.remove();
});

/** Watches, and hands out a promise of the next call. */
function watch(since: string): { end: () => void; calls: () => number; next: () => Promise<void> } {
  let calls = 0;
  let wake = (): void => undefined;
  const end = watchFiles([file], since, TIMES, () => {
    calls += 1;
    wake();
  });
  ends.push(end);
  return { end, calls: () => calls, next: () => new Promise((resolve) => (wake = resolve)) };
}

describe('a watch on files', () => {
  it('sees a change from before it began', async () => {
    const since = await stateOf([file]);
    writeFileSync(file, 'second');
    await watch(since).next();
  });

  it('calls once for each change, and not at all after its end', async () => {
    const since = await stateOf([file]);
    const [ended, live] = [watch(since), watch(since)];
    ended.end();
    for (const text of ['second', 'the third']) {
      writeFileSync(file, text);
      await live.next();
    }
    expect(live.calls()).toBe(2);
    expect(ended.calls()).toBe(0);
  });

  it('takes a file that went, and one that came, for a change', async () => {
    const missing = await stateOf([join(directory.path, 'none')]);
    expect(missing).toBe('ENOENT');
    await watch(missing).next();
  });
});
