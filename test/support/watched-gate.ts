import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { anOperatedGate, type OperatedGate } from './operated-gate.ts';
import { ROOT, type GateWish } from './running-gate.ts';

/** How long the event loop was kept at most since this was asked last, and what is in memory after a collection. */
export interface Look {
  readonly longestMs: number;
  readonly bytes: number;
}

export interface WatchedGate extends OperatedGate {
  look(): Promise<Look>;
}

/** What Node needs to load `gate-watch.mjs`. */
export const WATCHED: readonly string[] = ['--expose-gc', `--import=${join(ROOT, 'test/support/gate-watch.mjs')}`];

/** A gate that tells of its event loop and its memory (`gate-watch.mjs`). */
export async function aWatchedGate(wish: GateWish = {}): Promise<WatchedGate> {
  const gate = await anOperatedGate({ ...wish, command: [process.execPath, ...WATCHED, join(ROOT, 'src/launch.mjs'), 'serve'] });
  return { ...gate, look: lookerAt(gate.process) };
}

/** Asks a process that was started with `WATCHED`, whose standard error is a pipe. */
export function lookerAt(process: ChildProcess): () => Promise<Look> {
  const lines = createInterface({ input: process.stderr! })[Symbol.asyncIterator]();
  return async () => {
    process.kill('SIGUSR2');
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error('the gate has ended');
      if (value.startsWith('gate-watch ')) return JSON.parse(value.slice('gate-watch '.length)) as Look;
    }
  };
}
