/**
 * `npm run bench:list`: a revocation list of a million entries comes into force at the running program, and a second one takes its place, while devices
 * connect. Prints how long each took, the memory, the longest piece of work on the event loop, and what the devices noticed. Ends with 1 where a listed
 * device was admitted or another refused. `--entries 100000` is shorter; `--database URL` takes PostgreSQL. Loopback only.
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Minted } from '../../src/ports/driven/certificate-mint.ts';
import { tlv } from '../support/der-builder.ts';
import { connectAll } from '../support/fleet.ts';
import { entry, listBy, manyEntries } from '../support/list-builder.ts';
import { aDevice, aRoot } from '../support/pki.ts';
import { aWatchedGate, type WatchedGate } from '../support/watched-gate.ts';

const { values } = parseArgs({ options: { entries: { type: 'string', default: '1000000' }, database: { type: 'string' } } });
const entries = Math.min(Number(values.entries), 1_000_000);
const BETWEEN_MS = 100;
const ALONE = 100;

const root = await aRoot();
const [stolen, kept] = [await aDevice(root, { commonName: 'stolen' }), await aDevice(root, { commonName: 'kept' })];
const gate = await aWatchedGate({ env: values.database ? { FLEETGATE_DATABASE_URL: values.database } : {} });
try {
  await gate.main.trusts({ pem: root.certificatePem, fingerprint: '' });
  const before = [await connected(['stolen', stolen]), await connected(['kept', kept])];
  await gate.main.call('/tenant/options/fleetgate/check.crl', { method: 'PUT', body: '{"value":"enforce"}', headers: { 'content-type': 'application/json' } });
  await gate.look();
  console.log(`${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, Node ${process.version}; ${values.database ? 'PostgreSQL' : 'SQLite'}; each list has ${entries} entries.`);
  console.log('| step | s | MB sent | RSS at most, MB | in use after it, MB | longest piece of work, ms | connects meanwhile | the slowest, ms |\n|---|---|---|---|---|---|---|---|');
  const alone = await told('no list', 0, () => pause(ALONE * BETWEEN_MS));
  await told('a list comes into force', 1, () => brought(1));
  const withList = await told('beside it', 0, () => pause(ALONE * BETWEEN_MS));
  await told('another takes its place', 2, () => brought(2));
  const after = [await connected(['stolen', stolen]), await connected(['kept', kept])];
  console.log(`A connect takes ${alone.toFixed(1)} ms with no list and ${withList.toFixed(1)} ms with one (medians). The database file has ${size(gate)}.`);
  console.log(`The listed device was ${after[0] === undefined ? 'refused' : 'admitted'}, its neighbour ${after[1] === undefined ? 'refused' : 'admitted'}.`);
  if (before.includes(undefined) || after[0] !== undefined || after[1] === undefined) process.exitCode = 1;
} finally {
  await gate.remove();
}

/** Does one step while a known device connects again and again. Median of those connects, in milliseconds. */
async function told(step: string, number: number, work: () => Promise<unknown>): Promise<number> {
  const took: number[] = [];
  let isDone = false;
  const devices = (async () => {
    while (!isDone) {
      const ms = await connected(['kept', kept]);
      took.push(ms ?? Number.POSITIVE_INFINITY);
      await pause(BETWEEN_MS);
    }
  })();
  const sent = number === 0 ? 0 : list(number).length;
  const began = performance.now();
  await work();
  const seconds = (performance.now() - began) / 1000;
  isDone = true;
  await devices;
  const { longestMs, bytes } = await gate.look();
  took.sort((a, b) => a - b);
  console.log(`| ${step} | ${seconds.toFixed(1)} | ${mb(sent)} | ${rssAtMost()} | ${mb(bytes)} | ${longestMs.toFixed(0)} | ${took.length} | ${took.at(-1)!.toFixed(0)} |`);
  return took[took.length >> 1]!;
}

function list(number: number): Buffer {
  return listBy(root, { number, entries: manyEntries(entries - 1, entry(serialOf(stolen))) });
}

async function brought(number: number): Promise<void> {
  const answer = await gate.main.call(`/fleetgate/revocation-lists/${new X509Certificate(root.der).fingerprint.replaceAll(':', '').toLowerCase()}`, { method: 'POST', body: new Uint8Array(list(number)), headers: { 'content-type': 'application/pkix-crl' } });
  if (answer.status !== 201) throw new Error(`the list was not taken: ${answer.status} ${await answer.text()}`);
}

function serialOf({ der }: Minted): Buffer {
  const hex = new X509Certificate(der).serialNumber;
  return tlv(0x02, Number.parseInt(hex.slice(0, 2), 16) >= 0x80 ? `00${hex}` : hex);
}

/** Milliseconds from the first packet to CONNACK 0, or undefined where the device was refused. */
async function connected(device: [clientId: string, Minted]): Promise<number | undefined> {
  const began = performance.now();
  let ms: number | undefined;
  await connectAll(gate, new Map([device]), () => (ms = performance.now() - began));
  return ms;
}

function rssAtMost(): string {
  return (Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${gate.process.pid}/status`, 'utf8'))![1]) / 1024).toFixed(0);
}

function mb(bytes: number): string {
  return (bytes / 1_048_576).toFixed(0);
}

function size({ dataDir }: WatchedGate): string {
  return values.database ? 'none: it is PostgreSQL' : `${mb(statSync(join(dataDir, 'fleetgate.sqlite')).size)} MB`;
}
