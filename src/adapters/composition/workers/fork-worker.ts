import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Ended, WorkerProcess } from './supervisor.ts';
import { seatFor, type FromWorker } from './worker-seat.ts';

const LAUNCH = fileURLToPath(new URL('../../../launch.mjs', import.meta.url));

/** Starts this program once more, as worker `number`, with other settings than ours where `settings` names them. */
export function forkWorker(number: number, args: readonly string[], settings: Readonly<Record<string, string>>): WorkerProcess {
  const child = fork(LAUNCH, ['serve', ...args], { env: { ...process.env, ...settings, ...seatFor(number) } });
  return {
    pid: child.pid ?? 0,
    ended: endOf(child),
    send: (message) => void (child.connected && child.send(message, () => undefined)),
    hear: (listener) => void child.on('message', (message) => listener(message as FromWorker)),
    kill: (signal) => void child.kill(signal),
  };
}

/** What ended it first, an exit or an error. Later errors are heard too: one that nobody hears would end the process that forks. */
export function endOf(child: Pick<ChildProcess, 'on'>): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>();
  child.on('exit', (code, signal) => resolve({ code, signal }));
  child.on('error', () => resolve({ code: 1, signal: null }));
  return promise;
}
