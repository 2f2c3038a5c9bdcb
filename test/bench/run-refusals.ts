/**
 * `npm run bench:refusals -- TOOLS`: what a gate that refuses costs, in the share of one core: 1,000 connects a minute of devices that
 * nobody trusts, of one bridge that comes again for ever (as mosquitto's do), and of clients without a certificate. One minute each, on a server
 * that has been at work for a while; `--seconds 10` is shorter.
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { loadGenerator, MACHINE } from './load-generator.ts';
import { bare, fleetgate, mosquitto, type Contestant } from './servers.ts';

const { positionals, values } = parseArgs({ allowPositionals: true, options: { seconds: { type: 'string', default: '60' } } });
const [tools = '../shared/bench'] = positionals;
const seconds = Math.min(Number(values.seconds), 600);
const A_MINUTE = 1000;
const AIM = 5;
/** Connects before anything is measured: a server that has just started still compiles its code. */
const WARM = 3_000;

const wanted = Math.ceil((A_MINUTE * seconds) / 60);

const generator = loadGenerator(tools, 'bench');
const { folder } = generator;
const servers: Contestant[] = [];
try {
  const [trusted, unknown, bridge] = [generator.mint('pki', wanted), generator.mint('unknown', wanted), generator.mint('bridge', 1)];
  const server = await fleetgate({ pki: trusted, folder });
  const peers = [await bare({ pki: trusted, folder }), await mosquitto({ pki: trusted, folder })].filter((peer) => peer !== undefined);
  servers.push(server, ...peers);
  console.log(`${MACHINE}; server on CPU 0, load on CPU 1; ${wanted} connects in ${seconds} s.`);
  console.log(`| who comes | refused | CPU ms each | % of a core; aim < ${AIM} |\n|---|---|---|---|`);
  const works = [['devices of an unknown CA', unknown, []], ['one bridge of an unknown CA, again and again', bridge, []], ['a client without a certificate', trusted, ['--nocert']], ['for comparison: a device that is let in', trusted, []]] as const;
  for (const certs of [unknown, trusted]) await load(server, certs, ['--n', String(WARM / 2)]);
  for (const [who, certs, more] of works) await row(server, who, certs, more);
  for (const peer of peers) await row(peer, `for comparison: the same at ${peer.name}, which lets ${peer.name === 'mosquitto' ? 'nobody' : 'everybody'} in`, unknown, []);
} finally {
  for (const each of servers) each.stop();
  generator.remove();
}

async function row(server: Contestant, who: string, certs: string, more: readonly string[]): Promise<void> {
  const before = cpuMs(server.pid);
  const began = performance.now();
  const heard = await load(server, certs, ['--n', String(wanted), '--rate', String(A_MINUTE / 60), ...more]);
  const [spent, took] = [cpuMs(server.pid) - before, performance.now() - began];
  console.log(`| ${who} | ${heard.errors} of ${wanted} | ${(spent / wanted).toFixed(2)} | ${((100 * spent) / took).toFixed(2)} |`);
}

function load({ port }: Contestant, certs: string, more: readonly string[]): Promise<{ readonly errors: number }> {
  return generator.load(port, certs, ['--mode', 'connect', '--c', '8', ...more]);
}

/** User and system time of all threads so far. */
function cpuMs(pid: number): number {
  const ticks = execFileSync('cat', [`/proc/${pid}/stat`], { encoding: 'utf8' }).split(') ')[1]!.split(' ');
  return (Number(ticks[11]) + Number(ticks[12])) * 10;
}
