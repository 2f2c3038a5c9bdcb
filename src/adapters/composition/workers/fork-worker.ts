import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { WorkerProcess } from './supervisor.ts';
import { seatFor, type FromWorker } from './worker-seat.ts';

const LAUNCH = fileURLToPath(new URL('../../../launch.mjs', import.meta.url));

/** Starts this program once more, as worker `number`, with other settings than ours where `settings` names them. */
export function forkWorker(number: number, args: readonly string[], settings: Readonly<Record<string, string>>): WorkerProcess {
  const child = fork(LAUNCH, ['serve', ...args], { env: { ...process.env, ...settings, ...seatFor(number) } });
  const { promise: ended, resolve } = Promise.withResolvers<Awaited<WorkerProcess['ended']>>();
  child.once('exit', (code, signal) => resolve({ code, signal }));
  child.once('error', () => resolve({ code: 1, signal: null }));
  return {
    pid: child.pid ?? 0,
    ended,
    send: (message) => void (child.connected && child.send(message, () => undefined)),
    hear: (listener) => void child.on('message', (message) => listener(message as FromWorker)),
    kill: (signal) => void child.kill(signal),
  };
}
