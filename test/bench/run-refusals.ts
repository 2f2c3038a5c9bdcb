/**
 * `npm run bench:refusals -- TOOLS`: what a gate that refuses costs, in the share of one core: 1,000 connects a minute of devices that
 * nobody trusts, and of clients without a certificate. mosquitto bridges come again for ever. One minute each; `--seconds 10` is shorter.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { fleetgate } from './servers.ts';

const { positionals, values } = parseArgs({ allowPositionals: true, options: { seconds: { type: 'string', default: '60' } } });
const [tools = '../shared/bench'] = positionals;
const seconds = Math.min(Number(values.seconds), 600);
const A_MINUTE = 1000;
const AIM = 5;

const folder = mkdtempSync(join(tmpdir(), 'fleetgate-refusals-'));
const [trusted, unknown] = [join(folder, 'pki'), join(folder, 'unknown')];
let stop = (): void => undefined;
try {
  cpSync(resolve(tools), folder, { recursive: true });
  execFileSync('make', ['-s'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  const wanted = Math.ceil((A_MINUTE * seconds) / 60);
  for (const out of [trusted, unknown]) execFileSync(join(folder, 'mkcerts'), ['--out', out, '--n', String(wanted), '--alg', 'ec256', '--tag', 'bench'], { stdio: 'ignore' });
  const server = await fleetgate({ pki: trusted, folder });
  stop = server.stop;
  console.log(`${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, Node ${process.version}; server on CPU 0, load on CPU 1; ${wanted} connects in ${seconds} s.`);
  console.log('| who comes | refused | CPU ms each | % of a core | aim |\n|---|---|---|---|---|');
  const works = [['a device of an unknown CA', unknown, []], ['a client without a certificate', trusted, ['--nocert']], ['for comparison: a device that is let in', trusted, []]] as const;
  for (const [who, certs, more] of works) {
    const before = cpuMs(server.pid);
    const began = performance.now();
    const args = ['--port', String(server.port), '--certs', certs, '--mode', 'connect', '--n', String(wanted), '--c', '8', '--rate', String(A_MINUTE / 60), ...more];
    const heard = await load(args);
    const [spent, took] = [cpuMs(server.pid) - before, performance.now() - began];
    console.log(`| ${who} | ${heard.errors} of ${wanted} | ${(spent / wanted).toFixed(2)} | ${((100 * spent) / took).toFixed(2)} | < ${AIM} |`);
  }
} finally {
  stop();
  rmSync(folder, { recursive: true, force: true });
}

async function load(args: readonly string[]): Promise<{ readonly errors: number }> {
  const child = spawn('taskset', ['-c', '1', join(folder, 'mqload'), ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [printed] = await Promise.all([text(child.stdout), once(child, 'close')]); // ends with 1 where there were refusals
  return JSON.parse(printed) as { errors: number };
}

/** User and system time of all threads so far. */
function cpuMs(pid: number): number {
  const ticks = execFileSync('cat', [`/proc/${pid}/stat`], { encoding: 'utf8' }).split(') ')[1]!.split(' ');
  return (Number(ticks[11]) + Number(ticks[12])) * 10;
}
