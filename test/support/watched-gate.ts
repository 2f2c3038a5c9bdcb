import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { anOperatedGate, type OperatedGate } from './operated-gate.ts';
import { ROOT, type GateWish } from './running-gate.ts';

export interface WatchedGate extends OperatedGate {
  /** How long the event loop was kept at most since this was asked last, and what is in memory now. */
  look(): Promise<{ readonly longestMs: number; readonly bytes: number }>;
}

/** A gate that tells of its event loop and its memory (`gate-watch.mjs`). */
export async function aWatchedGate(wish: GateWish = {}): Promise<WatchedGate> {
  const gate = await anOperatedGate({ ...wish, command: [process.execPath, '--expose-gc', '--import', join(ROOT, 'test/support/gate-watch.mjs'), join(ROOT, 'src/launch.mjs'), 'serve'] });
  const lines = createInterface({ input: gate.process.stderr! })[Symbol.asyncIterator]();
  return {
    ...gate,
    look: async () => {
      gate.process.kill('SIGUSR2');
      for (;;) {
        const { value, done } = await lines.next();
        if (done) throw new Error('the gate has ended');
        if (value.startsWith('gate-watch ')) return JSON.parse(value.slice('gate-watch '.length)) as { longestMs: number; bytes: number };
      }
    },
  };
}
