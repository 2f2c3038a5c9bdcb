/** What a device was told holds: after a crash, and while another program sits on the database. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Sqlite from 'better-sqlite3';
import type { Minted } from '../../src/ports/driven/certificate-mint.ts';
import { lockHolder } from '../adapters/persistence/children.ts';
import { aFleet, connectAll, type Fleet } from '../support/fleet.ts';
import { anOperatedGate, type OperatedGate } from '../support/operated-gate.ts';
import { aRoot } from '../support/pki.ts';

/** `FLEETGATE_JOURNEY_FULL=1` is for a machine of one's own. */
const FULL = process.env['FLEETGATE_JOURNEY_FULL'] === '1';
const DEVICES = FULL ? 1_000 : 300;
const LOCK_MS = 10_000;

const caOf = (root: Minted): { pem: string; fingerprint: string } => ({ pem: root.certificatePem, fingerprint: '' });

describe(`kill -9 while ${DEVICES} devices connect for the first time`, () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'fleetgate-crash-'));
  let gate: OperatedGate;
  let root: Minted;
  beforeAll(async () => {
    root = await aRoot();
    gate = await anOperatedGate({ dataDir });
    await gate.main.trusts(caOf(root));
  });
  afterAll(async () => {
    await gate?.remove();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it.each([
    ['as soon as the first is admitted', 'first', 1],
    ['when a third of them is', 'third', Math.floor(DEVICES / 3)],
    ['when most of them are', 'last', Math.floor(DEVICES * 0.8)],
  ])('F01 A06 %s: every device that saw CONNACK 0 is there once after the restart, and all others get in', async (_when, prefix, target) => {
    const fleet = await aFleet(root, prefix, DEVICES);
    const admitted = new Set<string>();
    await connectAll(gate, fleet, (id) => {
      admitted.add(id);
      if (admitted.size === target) gate.process.kill('SIGKILL');
    });
    expect(await gate.ended).toEqual({ code: null, signal: 'SIGKILL' });
    expect(admitted.size).toBeGreaterThanOrEqual(target);
    expect(admitted.size).toBeLessThan(DEVICES); // or it would not have been in the middle

    gate = await anOperatedGate({ dataDir });
    const there = (await gate.main.devices()).filter((id) => fleet.has(id));
    expect([...admitted].filter((id) => !there.includes(id))).toEqual([]);
    expect(there.length).toBe(new Set(there).size);

    const again = new Set<string>();
    const missing = (): Fleet => new Map([...fleet].filter(([id]) => !again.has(id)));
    // On a busy machine a handshake may be out of time; then the device comes again, as devices do.
    while (again.size < DEVICES) await connectAll(gate, missing(), (id) => again.add(id));
    expect((await gate.main.devices()).filter((id) => fleet.has(id)).sort()).toEqual([...fleet.keys()].sort());
  }, FULL ? 300_000 : 120_000); // some seconds on a machine that does nothing else

  it('F01 the database is sound afterwards', async () => {
    gate.process.kill('SIGKILL');
    await gate.ended;
    const database = new Sqlite(join(dataDir, 'fleetgate.sqlite'));
    expect(database.pragma('integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    database.close();
  });
});

describe(`another program that holds the write lock of the database for ${LOCK_MS / 1000} s`, () => {
  let gate: OperatedGate;
  let known: Fleet;
  let stranger: Fleet;
  beforeAll(async () => {
    const root = await aRoot();
    gate = await anOperatedGate();
    await gate.main.trusts(caOf(root));
    known = await aFleet(root, 'known', 1);
    stranger = await aFleet(root, 'stranger', 1);
    await connectAll(gate, known, () => undefined);
  });
  afterAll(() => gate?.remove());

  it('F10 blocks no connect of a known device; a new one waits for its registration, and gets in when the lock is let go', async () => {
    const holder = await lockHolder(join(gate.dataDir, 'fleetgate.sqlite'));
    const until = performance.now() + LOCK_MS;
    const log: string[] = [];
    const registering = connectAll(gate, stranger, () => log.push('the new device was admitted'));
    let connects = 0;
    let admitted = 0;
    for (; performance.now() < until; connects++) await connectAll(gate, known, () => admitted++);
    expect([admitted, log]).toEqual([connects, []]);
    expect(connects).toBeGreaterThan(10); // one that waited for the lock would have been the only one
    await holder.letGo();
    await registering;
    expect(log).toEqual(['the new device was admitted']);
    expect(await gate.main.devices()).toEqual(['known-0', 'stranger-0']);
  }, 60_000);
});
