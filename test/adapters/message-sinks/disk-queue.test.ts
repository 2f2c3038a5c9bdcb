import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, closeSync, openSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { open as openFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DiskQueue } from '../../../src/adapters/message-sinks/webhook/disk-queue.ts';
import { claimSlot } from '../../../src/adapters/message-sinks/webhook/queue-slot.ts';
import { ROOT } from '../../support/running-gate.ts';
import { temporaryDirectory } from '../../support/pki.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const open = (folder: string, segmentBytes = 8_000_000, mostBytes = 8_000_000): Promise<DiskQueue> => DiskQueue.open({ folder, mostBytes, segmentBytes, log: silent });
const segments = (folder: string): string[] => readdirSync(folder).filter((name) => name.endsWith('.segment')).sort().map((name) => join(folder, name));

/** Everything that waits, taken away. */
async function drain(queue: DiskQueue, most = 7): Promise<string[]> {
  const all: string[] = [];
  for (;;) {
    const batch = await queue.peek(most);
    if (batch === undefined) return all;
    all.push(...batch.bodies.map(String));
    await queue.done(batch);
  }
}

describe('DiskQueue', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let folder: string;
  beforeEach(() => {
    directory = temporaryDirectory();
    folder = directory.path;
  });
  afterEach(() => directory.remove());
  let fileHandle: FileHandle;
  beforeAll(async () => {
    fileHandle = await openFile('/dev/null', 'r');
  });
  afterAll(() => fileHandle.close());

  const kept = async (...texts: readonly string[]): Promise<void> => {
    const queue = await open(folder);
    for (const text of texts) await queue.append(Buffer.from(text));
    await queue.close();
  };

  it('gives records out in their order, over any sizes of segments and batches, and any number of restarts; none is missing and none doubled', async () => {
    const step = fc.oneof({ weight: 4, arbitrary: fc.record({ add: fc.string({ minLength: 1, maxLength: 60 }) }) }, fc.record({ take: fc.integer({ min: 1, max: 9 }) }), fc.constant('restart' as const));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 200 }), async (steps, segmentBytes) => {
        rmSync(folder, { recursive: true, force: true });
        let queue = await open(folder, segmentBytes);
        const [given, got]: [string[], string[]] = [[], []];
        for (const one of steps) {
          if (one === 'restart') {
            await queue.close();
            queue = await open(folder, segmentBytes);
          } else if ('add' in one) {
            await queue.append(Buffer.from(one.add));
            given.push(one.add);
          } else {
            const batch = await queue.peek(one.take);
            got.push(...(batch?.bodies.map(String) ?? []));
            if (batch) await queue.done(batch);
          }
          expect(queue.queued).toBe(given.length - got.length);
        }
        got.push(...(await drain(queue)));
        expect([got, queue.queued, queue.queuedBytes]).toEqual([given, 0, 0]);
        await queue.close();
      }),
      { numRuns: 60 },
    );
  });

  it('removes what was taken: a queue that runs for ever does not grow', async () => {
    const queue = await open(folder, 500);
    for (let i = 0; i < 100; i += 1) await queue.append(Buffer.alloc(100, 65));
    expect(segments(folder).length).toBeGreaterThan(10);
    await drain(queue);
    expect(segments(folder).length).toBeLessThanOrEqual(1);
    await queue.close();
  });

  it('takes nothing more when it is closed, for its folder may be another process’s by then; what was on its way is written', async () => {
    const queue = await open(folder);
    const last = queue.append(Buffer.from('a'));
    await Promise.all([queue.close(), last]);
    await expect(queue.append(Buffer.from('b'))).rejects.toThrow('the queue of messages is closed');
    expect(segments(folder)).toHaveLength(1);
  });

  it('gives a batch again that was not done before the process ended', async () => {
    await kept('a', 'b');
    const queue = await open(folder);
    expect((await queue.peek(9))?.bodies.map(String)).toEqual(['a', 'b']);
    await queue.close();
    const again = await open(folder);
    expect(await drain(again)).toEqual(['a', 'b']);
    await again.close();
  });

  it.each([
    ['half a header', (file: string) => appendFileSync(file, Buffer.from([0, 0]))],
    ['half a body', (file: string) => appendFileSync(file, Buffer.from([0, 0, 0, 200, 1, 2, 3, 4, 65]))],
    ['zeros, as a file system leaves that lost its last writes', (file: string) => appendFileSync(file, Buffer.alloc(4_096))],
    ['a length of 4 GB', (file: string) => appendFileSync(file, Buffer.alloc(4_096, 255))],
    ['a last record cut short', (file: string) => (appendFileSync(file, 'xx'), truncateSync(file, statSync(file).size - 2 - 1))],
    ['a last record with another byte', (file: string) => overwriteLast(file)],
  ])('a crash that left %s costs nothing that was acknowledged before it, and what comes after is kept', async (what, spoil) => {
    await kept('a', 'b', 'c');
    spoil(segments(folder)[0]!);
    const queue = await open(folder);
    await queue.append(Buffer.from('d'));
    expect(await drain(queue)).toEqual(what.startsWith('a last record') ? ['a', 'b', 'd'] : ['a', 'b', 'c', 'd']);
    await queue.close();
  });

  it.each([['no JSON'], ['{"segment":99,"offset":7}'], ['{"segment":-1,"offset":0}'], ['']])('a cursor that reads %j begins at the oldest record: twice is better than never', async (text) => {
    await kept('a', 'b');
    writeFileSync(join(folder, 'cursor'), text);
    const queue = await open(folder);
    expect(await drain(queue)).toEqual(['a', 'b']);
    await queue.close();
  });

  it('has room again when records were done, to the byte', async () => {
    const queue = await open(folder, 8_000_000, 36);
    expect([await queue.append(Buffer.alloc(10, 1)), await queue.append(Buffer.alloc(11, 1)), await queue.append(Buffer.alloc(10, 1))]).toEqual([undefined, 'full', undefined]);
    expect(await queue.append(Buffer.alloc(1))).toBe('full');
    await drain(queue);
    expect(await queue.append(Buffer.alloc(28, 1))).toBeUndefined();
    await queue.close();
  });

  it('counts what is on its way to the disk: many at once cannot go beyond the bound', async () => {
    const queue = await open(folder, 8_000_000, 180);
    const answers = await Promise.all(Array.from({ length: 50 }, () => queue.append(Buffer.alloc(10, 1))));
    expect(answers.filter((answer) => answer === undefined)).toHaveLength(10);
    await queue.close();
  });

  it.each([
    ['F07 a full disk is a full queue', 'ENOSPC', 'full'],
    ['F07 a quota that is used up too', 'EDQUOT', 'full'],
    ['F06 a sync that fails is "not taken"', 'EIO', 'EIO: no sync today'],
  ])('%s; nothing of the record is kept, and the next ones are', async (_what, code, outcome) => {
    const queue = await open(folder);
    await queue.append(Buffer.from('a'));
    const sync = failingSync(fileHandle, code);
    expect(await queue.append(Buffer.from('lost')).catch((error: Error) => error.message)).toBe(outcome);
    sync.restore();
    await queue.append(Buffer.from('b'));
    expect(queue.queued).toBe(2);
    await queue.close();
    const again = await open(folder);
    expect(await drain(again)).toEqual(['a', 'b']);
    await again.close();
  });

  it('F26 a slot belongs to one process, and is free as soon as that was killed', async () => {
    const module = join(ROOT, 'src/adapters/message-sinks/webhook/queue-slot.ts');
    const child = spawn(process.execPath, ['-e', `import(${JSON.stringify(module)}).then(({ claimSlot }) => { const slot = claimSlot(${JSON.stringify(folder)}); console.log(slot.folder); setTimeout(() => slot.letGo(), 30_000); })`], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [held] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const mine = claimSlot(folder);
    expect([held, mine.folder]).toEqual([join(folder, '0'), join(folder, '1')]);
    const ended = once(child, 'close');
    child.kill('SIGKILL');
    await ended;
    const freed = claimSlot(folder);
    expect(freed.folder).toBe(held);
    for (const slot of [mine, freed]) slot.letGo();
  });
});

function overwriteLast(file: string): void {
  const fd = openSync(file, 'r+');
  writeSync(fd, 'X', statSync(file).size - 1);
  closeSync(fd);
}

/** Makes `datasync` of every open file fail, as a disk does. */
function failingSync(fileHandle: FileHandle, code: string): { restore: () => void } {
  const handle = Object.getPrototypeOf(fileHandle) as { datasync: () => Promise<void> };
  const before = handle.datasync;
  handle.datasync = () => Promise.reject(Object.assign(new Error(`${code}: no sync today`), { code }));
  return { restore: () => (handle.datasync = before) };
}
