import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

export type Child = ChildProcessByStdio<Writable, Readable, null>;

/** Runs a program of this folder in a process of its own. What it says on stderr, it says to ours. */
export const child = (program: string, ...args: readonly string[]): Child =>
  spawn(process.execPath, [fileURLToPath(new URL(program, import.meta.url)), ...args], { stdio: ['pipe', 'pipe', 'inherit'] });

/** Resolves when the child has ended. */
export async function gone(of: Child): Promise<void> {
  if (of.exitCode === null && of.signalCode === null) await once(of, 'close');
}

/** Another process that holds the write lock of `file` until `letGo`. */
export async function lockHolder(file: string): Promise<{ readonly letGo: () => Promise<void> }> {
  const holder = child('./lock-holder.mjs', file);
  await once(holder.stdout, 'data');
  return {
    letGo: async () => {
      holder.stdin.end();
      await gone(holder);
    },
  };
}
