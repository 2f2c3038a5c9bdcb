/** The workers of a running gate, seen from outside: Linux only. */
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import type { RunningGate } from './running-gate.ts';

/** Process ids by the number of the worker. */
export function workersOf({ process: { pid } }: Pick<RunningGate, 'process'>): ReadonlyMap<number, number> {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter((text) => text !== '').map(Number);
  const numbered = children.map((child) => [numberOf(child), child] as const);
  return new Map(numbered.filter((pair): pair is readonly [number, number] => pair[0] !== undefined));
}

function numberOf(pid: number): number | undefined {
  try {
    const [, number] = /(?:^|\0)WORKER_OF=\d+\/(\d+)/.exec(readFileSync(`/proc/${pid}/environ`, 'utf8')) ?? [];
    return number === undefined ? undefined : Number(number);
  } catch {
    return undefined; // it is gone already
  }
}

/** The worker that admitted the device last. */
export const workerOf = ({ log }: Pick<RunningGate, 'log'>, device: string): number | undefined =>
  log.findLast((line) => line['audit'] === 'device.admitted' && line['device'] === device)?.['worker'] as number | undefined;

/** Asks over a connection of its own, which comes to any worker: the status of the answer. */
export function askOnce(gate: Pick<RunningGate, 'http'>, path: string, authorization: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: gate.http, path, agent: false, headers: { authorization } }, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(answer.statusCode ?? 0));
    });
    asked.once('error', reject);
    asked.end();
  });
}
