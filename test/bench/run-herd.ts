/**
 * `npm run herd -- TOOLS`: ten thousand known devices come back within ten seconds of a restart and stay (F25); `--heap 128` does so in a small heap (F22).
 * All come again in each of five rounds, also those that were served. Prints what each round brought, the memory, and whether every device is there once.
 * TOOLS is the folder of the load generator; `--devices 2000` is shorter. Loopback only.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { loadGenerator, MACHINE } from './load-generator.ts';
import { fleetgate, type Contestant } from './servers.ts';

const { positionals, values } = parseArgs({ allowPositionals: true, options: { devices: { type: 'string', default: '10000' }, heap: { type: 'string' } } });
const [tools = '../shared/bench'] = positionals;
const devices = Math.min(Number(values.devices), 100_000);
const HERD_SECONDS = 10;
const PATIENCE_MS = 30_000;
const ROUNDS = 5;

const generator = loadGenerator(tools, 'herd');
const { folder } = generator;
let server: Contestant | undefined;
try {
  const pki = generator.mint('pki', devices);
  server = await fleetgate({ pki, folder });
  await generator.load(server.port, pki, ['--mode', 'connect', '--n', String(devices), '--c', '16']);
  server.stop();
  await server.ended;

  const began = performance.now();
  server = await fleetgate({ pki, folder, ...(values.heap && { nodeOptions: [`--max-old-space-size=${Number(values.heap)}`] }) });
  console.log(`${MACHINE}; ${devices} devices, heap ${values.heap ?? 'as usual'}; ready after ${seconds(began)} s.`);
  let gone: number | string | undefined;
  void server.ended.then((how) => (gone = how));
  console.log('| round | connected | not served | the last because | after, s | RSS now, MB | RSS at most, MB |\n|---|---|---|---|---|---|---|');
  for (let round = 1; round <= ROUNDS && gone === undefined; round++) {
    const { held, errors, lasterr, connect_s: took } = await generator.load(server.port, pki, ['--mode', 'hold', '--hold', '2', '--n', String(devices), '--c', String(devices), '--rate', String(devices / HERD_SECONDS), '--timeout', String(PATIENCE_MS)]);
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
  generator.remove();
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(1);
}

function mb(pid: number, what: string): string {
  return (Number(new RegExp(`${what}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024).toFixed(0);
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
