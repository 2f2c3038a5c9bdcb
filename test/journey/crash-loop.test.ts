/**
 * kill -9 again and again, at any moment, while devices come for the first time and operators change things. `npm run test:crash` plays 200
 * rounds; CI plays ten. What was answered must be there afterwards; what was not may be or not. No device is told to come again: neither because the
 * gate has just started, nor because operators change what does not concern it.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Sqlite from 'better-sqlite3';
import type { Minted } from '../../src/ports/driven/certificate-mint.ts';
import { aFleet, connectAll, type Fleet } from '../support/fleet.ts';
import { anOperatedGate, type OperatedGate } from '../support/operated-gate.ts';
import { aRoot } from '../support/pki.ts';
import { describeOnPostgres, sharedPostgres } from '../support/postgres.ts';
import { api } from '../support/running-gate.ts';

const ROUNDS = Number(process.env['CRASH_ROUNDS'] ?? '10');
const DEVICES = 40;
/** Tried again and again at one time. */
const OPERATORS = 4;
/** From the first answer to the kill, at most. */
const LONGEST_WORK_MS = 1_000;

/** What was answered so far, and must be there after any crash. */
interface Promised {
  readonly devices: Set<string>;
  readonly blocked: Set<string>;
  readonly serials: Set<string>;
  readonly users: Set<string>;
  readonly keys: Set<string>;
}

/** Seeded, so that a round that fails can be played again: `CRASH_SEED=…`. */
const SEED = Number(process.env['CRASH_SEED'] ?? Date.now() % 1_000_000);
let drawn = 0;
/** A whole number below `below`. Hashed, for the low bits of a simple generator take turns, and some deeds would never be done. */
const chance = (below: number): number => createHash('sha256').update(`${SEED} ${drawn++}`).digest().readUInt32BE() % below;

const post = (body?: object): RequestInit => ({ method: 'POST', headers: { accept: 'application/json', ...(body && { 'content-type': 'application/json' }) }, ...(body && { body: JSON.stringify(body) }) });

/** One change by an operator; what was promised is noted when its answer came. */
async function aDeed(gate: OperatedGate, promised: Promised): Promise<void> {
  const { call } = gate.main;
  const known = [...promised.devices];
  const device = known[chance(known.length || 1)];
  const which = promised.keys.size === 0 ? 0 : chance(40);
  if (which === 0) {
    const answer = await api(gate, '/fleetgate/keys/rotate', post(), `management/admin:${gate.password}`);
    if (answer.ok) promised.keys.add(((await answer.json()) as { kid: string }).kid);
  } else if (which < 12 && device !== undefined) {
    const answer = await call(`/fleetgate/devices/${device}/block`, post({ reason: 'crash' }));
    if (answer.ok) promised.blocked.add(device);
  } else if (which < 20) {
    const userName = `ann-${randomBytes(6).toString('hex')}`;
    const answer = await call('/user/main/users', post({ userName, password: 'a long password of ann' }));
    if (answer.status === 201) promised.users.add(userName);
  } else {
    const serialNumber = `1${randomBytes(8).toString('hex')}`;
    const answer = await call('/fleetgate/revocations', post({ serialNumber }));
    if (answer.status === 201) promised.serials.add(serialNumber);
  }
}

/** Devices connect and operators change things until the gate is killed, which happens a random while after the first answer. */
async function workUntilKilled(gate: OperatedGate, fleet: Fleet, promised: Promised): Promise<void> {
  let doomed = false;
  const doom = (): void => {
    if (!doomed) setTimeout(() => gate.process.kill('SIGKILL'), chance(LONGEST_WORK_MS));
    doomed = true;
  };
  let isDead = false;
  void gate.ended.then(() => (isDead = true));
  const refused: string[] = [];
  const devices = connectAll(gate, fleet, (id) => (promised.devices.add(id), doom()), (id, said) => refused.push(`${id}: ${said.toString('hex')}`));
  const operators = Array.from({ length: OPERATORS }, async () => {
    while (!isDead) await aDeed(gate, promised).then(doom, () => undefined); // no answer: no promise
  });
  await Promise.all([devices, ...operators]);
  expect(await gate.ended).toEqual({ code: null, signal: 'SIGKILL' });
  expect(refused).toEqual([]);
}

async function everyPage<T>(gate: OperatedGate, path: string, of: (page: never) => readonly T[]): Promise<readonly T[]> {
  const all: T[] = [];
  for (let number = 1; ; number++) {
    const page = of((await (await gate.main.call(`${path}${path.includes('?') ? '&' : '?'}pageSize=1000&currentPage=${number}`)).json()) as never);
    all.push(...page);
    if (page.length < 1000) return all;
  }
}

/** What was promised and is not there. */
async function missing(gate: OperatedGate, promised: Promised): Promise<Record<keyof Promised, readonly string[]>> {
  const { call } = gate.main;
  const devices = await gate.main.devices();
  expect(devices.length).toBe(new Set(devices).size);
  const serials = new Set(await everyPage(gate, '/fleetgate/revocations?source=manual', ({ revocations }: { revocations: { serialNumber: string }[] }) => revocations.map((each) => each.serialNumber.replace(/^0+/, ''))));
  const users = new Set(await everyPage(gate, '/user/main/users', ({ users: some }: { users: { userName: string }[] }) => some.map((each) => each.userName)));
  const keys = ((await (await call('/.well-known/jwks.json')).json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
  const unblocked: string[] = [];
  for (const device of promised.blocked) if (!('block' in ((await (await call(`/fleetgate/devices/${device}`)).json()) as object))) unblocked.push(device);
  const without = (all: ReadonlySet<string>, there: Iterable<string>): string[] => { const found = new Set(there); return [...all].filter((each) => !found.has(each)); };
  return { devices: without(promised.devices, devices), blocked: unblocked, serials: without(promised.serials, serials), users: without(promised.users, users), keys: without(promised.keys, keys) };
}

const NOTHING = { devices: [], blocked: [], serials: [], users: [], keys: [] };

/** What one engine needs: its settings, and its own word on whether it is sound. */
interface Engine {
  readonly env: () => Promise<Readonly<Record<string, string>>>;
  readonly isSound: (dataDir: string) => Promise<unknown>;
}

function playedOn(engine: string, { env: settings, isSound }: Engine): void {
  const dataDir = mkdtempSync(join(tmpdir(), 'fleetgate-crash-'));
  let env: Readonly<Record<string, string>>;
  let gate: OperatedGate;
  let root: Minted;
  beforeAll(async () => {
    env = await settings();
    root = await aRoot();
    gate = await anOperatedGate({ dataDir, env });
    await gate.main.trusts({ pem: root.certificatePem, fingerprint: '' });
  }, 120_000);
  afterAll(async () => {
    await gate?.remove();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('whatever was answered is there after each: devices, blocks, revocations, users, signing keys; and the audit of it is whole', async () => {
    const promised: Promised = { devices: new Set(), blocked: new Set(), serials: new Set(), users: new Set(), keys: new Set() };
    let slowest = 0;
    for (let round = 0; round < ROUNDS; round++) {
      await workUntilKilled(gate, await aFleet(root, `press-${round}`, DEVICES), promised);
      const began = performance.now();
      gate = await anOperatedGate({ dataDir, env });
      slowest = Math.max(slowest, performance.now() - began);
      expect({ round, ...(await missing(gate, promised)) }).toEqual({ round, ...NOTHING });
    }
    const verified = await gate.cli('audit', 'verify');
    expect([verified.exit, verified.err]).toEqual([0, '']);
    console.log(`${engine}, ${ROUNDS} rounds: ${Object.entries(promised).map(([what, all]) => `${(all as Set<string>).size} ${what}`).join(', ')}; ready after ${Math.round(slowest)} ms at most`);
    expect(promised.devices.size + promised.serials.size).toBeGreaterThan(ROUNDS); // or there was nothing to lose
    expect(promised.keys.size).toBeGreaterThan(0);
    if (ROUNDS >= 50) expect(Object.entries(promised).filter(([, all]) => (all as Set<string>).size === 0)).toEqual([]);
    expect(slowest).toBeLessThan(5_000);
  }, 60_000 + ROUNDS * 10_000);

  it('and the database is sound', async () => {
    gate.process.kill('SIGKILL');
    await gate.ended;
    expect(await isSound(dataDir)).toEqual('sound');
  });
}

describe(`F01 kill -9 under load, on SQLite, ${ROUNDS} rounds (CRASH_SEED=${SEED})`, () => {
  playedOn('SQLite', {
    env: async () => ({}),
    isSound: async (dataDir) => {
      const database = new Sqlite(join(dataDir, 'fleetgate.sqlite'));
      const found = database.pragma('integrity_check', { simple: true });
      database.close();
      return found === 'ok' ? 'sound' : found;
    },
  });
});

describeOnPostgres(`F01 kill -9 under load, on PostgreSQL, ${ROUNDS} rounds (CRASH_SEED=${SEED})`, () => {
  let url: URL;
  playedOn('PostgreSQL', {
    env: async () => {
      url = new URL(await (await sharedPostgres()).makeDatabase());
      return { FLEETGATE_DATABASE_URL: url.href };
    },
    // Every index is walked, and every row of its table is looked for in it.
    isSound: async () => {
      const { ask } = await sharedPostgres();
      const database = url.pathname.slice(1);
      await ask('create extension amcheck', database);
      const indexes = await ask<{ checked: string }>(`select bt_index_check(i.indexrelid, true)::text as checked from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace join pg_am a on a.oid = c.relam where n.nspname = 'public' and i.indisvalid and a.amname = 'btree'`, database);
      return indexes.length > 20 ? 'sound' : indexes;
    },
  });
});
