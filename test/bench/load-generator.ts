/** The load generator, built from its sources in a folder that is thrown away afterwards. It runs on CPU 1; the servers are on CPU 0. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';

export interface LoadGenerator {
  readonly folder: string;
  /** Makes a CA and so many devices of it; returns the folder of their certificates. */
  mint(name: string, devices: number): string;
  /** One run against a server on this port. Resolves with what it reports, also where not everybody was served. */
  load(port: number, certs: string, options: readonly string[]): Promise<LoadReport>;
  /** As `load` calls it. */
  command(port: number, certs: string, options: readonly string[]): readonly [string, readonly string[]];
  remove(): void;
}

export interface LoadReport {
  readonly errors: number;
  readonly lasterr: string;
  /** Of connections that stay, and how long it took until they were there. */
  readonly held: number;
  readonly connect_s: number;
}

/** `tools` is the folder of `mqload.c`, `mkcerts.c` and their Makefile. */
export function loadGenerator(tools: string, tag: string): LoadGenerator {
  const folder = mkdtempSync(join(tmpdir(), `fleetgate-${tag}-`));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    cpSync(resolve(tools), folder, { recursive: true });
    execFileSync('make', ['-s'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  } catch (error) {
    remove();
    throw error;
  }
  const command: LoadGenerator['command'] = (port, certs, options) => ['taskset', ['-c', '1', join(folder, 'mqload'), '--port', String(port), '--certs', certs, ...options]];
  return {
    folder,
    mint: (name, devices) => {
      const out = join(folder, name);
      execFileSync(join(folder, 'mkcerts'), ['--out', out, '--n', String(devices), '--alg', 'ec256', '--tag', tag], { stdio: 'ignore' });
      return out;
    },
    load: async (port, certs, options) => {
      const child = spawn(...command(port, certs, options), { stdio: ['ignore', 'pipe', 'ignore'] });
      const [printed] = await Promise.all([text(child.stdout), once(child, 'close')]); // ends with 1 where not everybody was served
      return JSON.parse(printed) as LoadReport;
    },
    command,
    remove,
  };
}

/** What the figures were measured on. */
export const MACHINE = `${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, Node ${process.version}`;
