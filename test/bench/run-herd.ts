/**
 * `npm run herd -- TOOLS`: ten thousand known devices come back within ten seconds of a restart and stay (F25); `--heap 128` does so in a small heap (F22).
 * Those that were not served come again, as devices do. Prints what each round brought, the memory, and whether every device is there once.
 * TOOLS is the folder of the load generator; `--devices 2000` is shorter. Loopback only.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { fleetgate, type Contestant } from './servers.ts';

const { positionals, values } = parseArgs({ allowPositionals: true, options: { devices: { type: 'string', default: '10000' }, heap: { type: 'string' } } });
const [tools = '../shared/bench'] = positionals;
const devices = Math.min(Number(values.devices), 100_000);
const HERD_SECONDS = 10;
const PATIENCE_MS = 30_000;
const ROUNDS = 5;

interface Outcome {
  readonly errors: number;
  readonly held: number;
  readonly connect_s: number;
  readonly lasterr: string;
}

const folder = mkdtempSync(join(tmpdir(), 'fleetgate-herd-'));
const pki = join(folder, 'pki');
let server: Contestant | undefined;
try {
  cpSync(resolve(tools), folder, { recursive: true });
  execFileSync('make', ['-s'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  execFileSync(join(folder, 'mkcerts'), ['--out', pki, '--n', String(devices), '--alg', 'ec256', '--tag', 'herd'], { stdio: 'ignore' });
  server = await fleetgate({ pki, folder });
  await mqload(server.port, ['--mode', 'connect', '--n', String(devices), '--c', '16']);
  server.stop();
  await server.ended;

  const began = performance.now();
  server = await fleetgate({ pki, folder, ...(values.heap && { heapMb: Number(values.heap) }) });
  console.log(`${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, Node ${process.version}; ${devices} devices, heap ${values.heap ?? 'as usual'}; ready after ${seconds(began)} s.`);
  let gone: number | string | undefined;
  void server.ended.then((how) => (gone = how));
  console.log('| round | connected | not served | the last because | after, s | RSS now, MB | RSS at most, MB |\n|---|---|---|---|---|---|---|');
  for (let round = 1; round <= ROUNDS && gone === undefined; round++) {
    const { held, errors, lasterr, connect_s: took } = await mqload(server.port, ['--mode', 'hold', '--hold', '2', '--n', String(devices), '--c', String(devices), '--rate', String(devices / HERD_SECONDS), '--timeout', String(PATIENCE_MS)]);
    if (gone !== undefined) break;
    console.log(`| ${round} | ${held} | ${errors} | ${lasterr} | ${took.toFixed(1)} | ${mb(server.pid, 'VmRSS')} | ${mb(server.pid, 'VmHWM')} |`);
    if (errors === 0) break;
  }
  if (gone !== undefined) throw new Error(`the server ended with ${gone}`);
  const stored = await count(server.http!);
  console.log(`${stored} devices are registered.`);
  if (stored !== devices) process.exitCode = 1;
} finally {
  server?.stop();
  await server?.ended;
  rmSync(folder, { recursive: true, force: true });
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(1);
}

function mb(pid: number, what: string): string {
  return (Number(new RegExp(`${what}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024).toFixed(0);
}

async function mqload(port: number, more: readonly string[]): Promise<Outcome> {
  const child = spawn('taskset', ['-c', '1', join(folder, 'mqload'), '--port', String(port), '--certs', pki, ...more], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [printed] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return JSON.parse(printed) as Outcome;
}

async function count(http: number): Promise<number> {
  const headers = { authorization: `Basic ${Buffer.from('main/admin:bench bench').toString('base64')}` };
  let found = 0;
  for (let next: string | undefined = '/fleetgate/devices?limit=1000'; next !== undefined; ) {
    const page = (await (await fetch(`http://127.0.0.1:${http}${next}`, { headers })).json()) as { devices: unknown[]; next?: string };
    found += page.devices.length;
    next = page.next && new URL(page.next).pathname + new URL(page.next).search;
  }
  return found;
}
