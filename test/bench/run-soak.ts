/**
 * `npm run soak -- TOOLS`: half an hour of connects, tokens, reconnects, refusals and HTTP requests, and what becomes of the memory and the open files
 * of the server. It ends with 1 where the memory grows by 1 MB in ten minutes or more, counted from minute five, or files stay open. Each look is
 * after a collection: when V8 collects by itself is no sign of a leak. New devices come before minute five alone, for what is remembered of each is
 * the size of a fleet (a token, a chain: some KB, bounded).
 * TOOLS is the folder of the load generator; `--minutes 10` is shorter. Loopback only.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { loadGenerator, MACHINE } from './load-generator.ts';
import { watchedFleetgate, type Contestant, type WatchedContestant } from './servers.ts';

const { positionals, values } = parseArgs({ allowPositionals: true, options: { minutes: { type: 'string', default: '30' } } });
const [tools = '../shared/bench'] = positionals;
const minutes = Math.min(Number(values.minutes), 120);
const WARM_MINUTES = Math.min(5, minutes / 3);
const MOST_MB_IN_TEN_MINUTES = 1;
const SAMPLE_MS = 10_000;
const KNOWN = 500;
/** One turn of the load: connects by each kind of client, at this rate. */
const A_TURN = 100;
const A_SECOND = 20;
const NEW_A_TURN = 10;

interface Sample {
  readonly minute: number;
  readonly mb: number;
  readonly heapMb: number;
  readonly files: number;
}

const generator = loadGenerator(tools, 'soak');
const done = { connects: 0, tokens: 0, 'new devices': 0, refusals: 0, requests: 0 };
let server: WatchedContestant | undefined;
try {
  const turns = Math.ceil((WARM_MINUTES * 60) / (A_TURN / A_SECOND));
  const [trusted, unknown] = [generator.mint('pki', KNOWN + turns * NEW_A_TURN), generator.mint('unknown', KNOWN)];
  server = await watchedFleetgate({ pki: trusted, folder: generator.folder });
  const until = performance.now() + minutes * 60_000;
  const [samples] = await Promise.all([sample(server, until), load(server, { trusted, unknown }, until)]);
  report(samples);
} finally {
  server?.stop();
  generator.remove();
}

/** Everything goes on at once, turn after turn. */
async function load({ port, http }: Contestant, { trusted, unknown }: { readonly trusted: string; readonly unknown: string }, until: number): Promise<void> {
  const warmUntil = performance.now() + WARM_MINUTES * 60_000;
  for (let turn = 0; performance.now() < until; turn++) {
    // No device twice at one time: the second would take over from the first (D-15).
    const many = ['--n', String(A_TURN), '--rate', String(A_SECOND), '--c', '4'];
    const some = ['--n', String(NEW_A_TURN), '--rate', '2', '--c', '2', '--dev-offset', String(KNOWN + turn * NEW_A_TURN)];
    const [connects, tokens, fresh, refused] = await Promise.all([
      failed(port, trusted, ['--mode', 'connect', '--tls', '1.2', ...many]),
      failed(port, trusted, ['--mode', 'onboard', '--tls', '1.3', ...many, '--dev-offset', String(KNOWN / 2)]),
      performance.now() < warmUntil ? failed(port, trusted, ['--mode', 'onboard', '--tls', '1.3', ...some]) : undefined,
      failed(port, unknown, ['--mode', 'connect', '--tls', '1.3', ...many]),
      requests(http!, A_TURN),
    ]);
    const unserved = connects + tokens + (fresh ?? 0);
    if (unserved > 0) throw new Error(`turn ${turn}: ${unserved} devices were not served`);
    if (refused !== A_TURN) throw new Error(`turn ${turn}: ${A_TURN - refused} strangers were let in`);
    done.connects += A_TURN;
    done.tokens += A_TURN;
    if (fresh !== undefined) done['new devices'] += NEW_A_TURN;
    done.refusals += refused;
    done.requests += A_TURN;
  }
}

/** How many connects failed. */
async function failed(port: number, certs: string, options: readonly string[]): Promise<number> {
  return (await generator.load(port, certs, options)).errors;
}

async function requests(http: number, n: number): Promise<void> {
  const authorization = `Basic ${Buffer.from('main/admin:bench bench').toString('base64')}`;
  for (let i = 0; i < n; i++) {
    const [path, headers] = i % 2 === 0 ? ['/fleetgate/devices?limit=100', { authorization }] as const : ['/auth/forward', { authorization: `Bearer ${i}` }] as const;
    const answer = await fetch(`http://127.0.0.1:${http}${path}`, { headers });
    await answer.arrayBuffer();
    if (answer.status !== (i % 2 === 0 ? 200 : 401)) throw new Error(`${answer.status} from ${path}`);
    await pause((1000 * A_TURN) / A_SECOND / n);
  }
}

async function sample({ pid, look }: WatchedContestant, until: number): Promise<readonly Sample[]> {
  const began = performance.now();
  const samples: Sample[] = [];
  for (; performance.now() < until; await pause(SAMPLE_MS)) {
    const { bytes } = await look();
    const kb = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]);
    samples.push({ minute: (performance.now() - began) / 60_000, mb: kb / 1024, heapMb: bytes / 1_048_576, files: readdirSync(`/proc/${pid}/fd`).length });
  }
  return samples;
}

function report(samples: readonly Sample[]): void {
  const late = samples.filter(({ minute }) => minute >= WARM_MINUTES);
  const slope = 10 * slopeOf(late, ({ mb }) => mb);
  // Whoever is connected at the moment of a sample has a file: the fewest of a third of the time are those that stay.
  const fewest = (part: readonly Sample[]): number => Math.min(...part.map(({ files }) => files));
  const [first, last] = [fewest(late.slice(0, Math.ceil(late.length / 3))), fewest(late.slice(-Math.ceil(late.length / 3)))];
  console.log(`${MACHINE}; ${minutes} minutes.`);
  console.log(Object.entries(done).map(([what, n]) => `${n} ${what}`).join(', '));
  console.log('| minute | RSS, MB | in use, MB | open files |\n|---|---|---|---|');
  const every = Math.max(1, Math.floor(samples.length / 12));
  for (const { minute, mb, heapMb, files } of samples.filter((_, i) => i % every === 0)) console.log(`| ${minute.toFixed(1)} | ${mb.toFixed(1)} | ${heapMb.toFixed(1)} | ${files} |`);
  console.log(`RSS ${slope >= 0 ? '+' : ''}${slope.toFixed(2)} MB in 10 minutes after minute ${WARM_MINUTES.toFixed(0)} (aim < ${MOST_MB_IN_TEN_MINUTES}); in use ${(10 * slopeOf(late, ({ heapMb }) => heapMb)).toFixed(2)} MB; open files ${first} → ${last}.`);
  if (slope >= MOST_MB_IN_TEN_MINUTES || last > first + 2) process.exitCode = 1;
}

/** Least squares, MB a minute. */
function slopeOf(samples: readonly Sample[], value: (sample: Sample) => number): number {
  const mean = (of: (sample: Sample) => number): number => samples.reduce((sum, each) => sum + of(each), 0) / samples.length;
  const [x, y] = [mean(({ minute }) => minute), mean(value)];
  return samples.reduce((sum, each) => sum + (each.minute - x) * (value(each) - y), 0) / samples.reduce((sum, { minute }) => sum + (minute - x) ** 2, 0);
}
