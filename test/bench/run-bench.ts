/**
 * `npm run bench -- TOOLS`: what a connect costs the server, in CPU time, beside bare Node and mosquitto in one alternating run.
 * TOOLS is the folder of the load generator (mqload.c, mkcerts.c); `--rounds 9 --slice 300` for steadier medians. Loopback only.
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { loadGenerator, MACHINE } from './load-generator.ts';
import { bare, fleetgate, mosquitto, type Contestant } from './servers.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '7' }, slice: { type: 'string', default: '200' } },
});
const [tools = '../shared/bench'] = positionals;
const [rounds, slice] = [Number(values.rounds), Number(values.slice)];

interface Work {
  readonly name: string;
  /** Who does it. */
  readonly by: readonly string[];
  readonly options: (round: number) => readonly string[];
  /** The most that is aimed for, as ratios to bare Node (B) and mosquitto (M) doing CONNECT only. */
  readonly aims: { readonly B?: number; readonly M?: number };
}

const ALL = ['fleetgate', 'bare Node', 'mosquitto'];
const KNOWN = 400;
const connect = (tls: string) => ['--mode', 'connect', '--tls', tls, '--devs', String(KNOWN)];
const WORKS: readonly Work[] = [
  { name: 'CONNECT, TLS 1.3', by: ALL, options: () => connect('1.3'), aims: { B: 1.15, M: 0.9 } },
  { name: 'CONNECT, TLS 1.2', by: ALL, options: () => connect('1.2'), aims: { B: 1.15, M: 0.9 } },
  { name: 'CONNECT + token', by: ['fleetgate'], options: () => ['--mode', 'onboard', '--tls', '1.3', '--devs', String(KNOWN)], aims: { B: 1.5, M: 1.15 } },
  {
    name: 'new device + token',
    by: ['fleetgate'],
    options: (round) => ['--mode', 'onboard', '--tls', '1.3', '--dev-offset', String(KNOWN + round * slice)],
    aims: { B: 1.9, M: 1.45 },
  },
];

const generator = loadGenerator(tools, 'bench');
const contestants: Contestant[] = [];
try {
  const pki = generator.mint('pki', KNOWN + (rounds + 1) * slice);
  for (const start of [fleetgate, bare, mosquitto]) {
    const started = await start({ pki, folder: generator.folder });
    if (started) contestants.push(started);
  }
  report(measure(pki));
} finally {
  for (const { stop } of contestants) stop();
  generator.remove();
}

type Costs = Map<string, number[]>;

/** Short slices that alternate over the servers, so that whatever else the machine does hits them alike. The first round warms up. */
function measure(pki: string): Costs {
  const costs: Costs = new Map();
  for (let round = 0; round <= rounds; round++) {
    for (const { name, by, options } of WORKS) {
      for (const { name: who, port, pid } of contestants.filter((contestant) => by.includes(contestant.name))) {
        const line = JSON.parse(execFileSync(...generator.command(port, pki, ['--n', String(slice), '--c', '8', '--pid', String(pid), ...options(round)]), { encoding: 'utf8' })) as { server_cpu_ms_per: number };
        const key = `${name}/${who}`;
        if (round > 0) costs.set(key, [...(costs.get(key) ?? []), line.server_cpu_ms_per]);
      }
    }
  }
  return costs;
}

function report(costs: Costs): void {
  const cost = (work: string, who: string): number => median(costs.get(`${work}/${who}`) ?? []);
  const [B, M] = [cost('CONNECT, TLS 1.3', 'bare Node'), cost('CONNECT, TLS 1.3', 'mosquitto')];
  console.log(`${MACHINE}; server on CPU 0, load on CPU 1; ${rounds} rounds of ${slice}, medians.`);
  console.log('| work | server | CPU ms each | × B | aim | × M | aim |\n|---|---|---|---|---|---|---|');
  for (const { name, aims } of WORKS) {
    const isOld = name.includes('1.2');
    const [b, m] = isOld ? [cost(name, 'bare Node'), cost(name, 'mosquitto')] : [B, M];
    for (const who of ALL.filter((each) => costs.has(`${name}/${each}`))) {
      const each = cost(name, who);
      const aim = (most: number | undefined): string => (who === 'fleetgate' && most !== undefined ? `≤ ${most}` : '');
      console.log(`| ${name} | ${who} | ${each.toFixed(3)} | ${(each / b).toFixed(2)} | ${aim(aims.B)} | ${Number.isNaN(m) ? '–' : (each / m).toFixed(2)} | ${aim(aims.M)} |`);
    }
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length === 0 ? NaN : (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
}
