/** What becomes of registrations when the disk lies, fills up, is slow or loses power. The faults are real: strace makes system calls fail, a small tmpfs is full. */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, jest } from '@jest/globals';
import Sqlite from 'better-sqlite3';
import type { Minted } from '../../src/ports/driven/certificate-mint.ts';
import { itWith } from '../support/clients.ts';
import { aFleet, connectAll, type Fleet } from '../support/fleet.ts';
import { anOperatedGate, type OperatedGate } from '../support/operated-gate.ts';
import { aRoot, temporaryDirectory } from '../support/pki.ts';
import { aGateProcess, ROOT, type GateWish } from '../support/running-gate.ts';

jest.setTimeout(90_000);

const SERVE = [process.execPath, join(ROOT, 'src/launch.mjs'), 'serve'] as const;
const directory = temporaryDirectory();
afterAll(() => directory.remove());
const opened: OperatedGate[] = [];
afterEach(async () => {
  for (const gate of opened.splice(0)) await gate.remove();
});
const open = async (wish: GateWish): Promise<OperatedGate> => {
  const gate = await anOperatedGate(wish);
  opened.push(gate);
  return gate;
};

/** Which of the fleet were admitted. */
async function admitted(gate: OperatedGate, fleet: Fleet): Promise<string[]> {
  const ids: string[] = [];
  await connectAll(gate, fleet, (id) => ids.push(id));
  return ids.sort();
}
const idsOf = (fleet: Fleet): string[] => [...fleet.keys()].sort();
const caOf = (root: Minted): { pem: string; fingerprint: string } => ({ pem: root.certificatePem, fingerprint: '' });
const soundness = (file: string): unknown => {
  const database = new Sqlite(file);
  try {
    return database.pragma('integrity_check', { simple: true });
  } finally {
    database.close();
  }
};

/** A gate that has let in `known` once, and is stopped: what is done to its next run happens after all that. */
async function aFormerRun(name: string): Promise<{ readonly dataDir: string; readonly root: Minted; readonly known: Fleet }> {
  const dataDir = join(directory.path, name);
  mkdirSync(dataDir);
  const root = await aRoot();
  const known = await aFleet(root, 'known', 3);
  const gate = await open({ dataDir });
  await gate.main.trusts(caOf(root));
  expect(await admitted(gate, known)).toEqual(idsOf(known));
  gate.process.kill('SIGTERM');
  expect(await gate.ended).toEqual({ code: 0, signal: null });
  return { dataDir, root, known };
}

/** The system calls that make a commit durable, on every thread; nothing else is slowed down. */
const strace = (inject: string): NonNullable<GateWish['command']> => ['strace', '-D', '-f', '--seccomp-bpf', '-qq', '-o', '/dev/null', '-e', 'trace=fsync,fdatasync', '-e', `inject=fsync,fdatasync:${inject}`, ...SERVE];

describe('the power goes off', () => {
  it('F05 what was answered is there if the disk kept what was synced; and wherever else the log of the database is cut, it opens and is sound', async () => {
    const dataDir = join(directory.path, 'power');
    mkdirSync(dataDir);
    const root = await aRoot();
    const gate = await open({ dataDir });
    await gate.main.trusts(caOf(root));
    const fleet = await aFleet(root, 'press', 30);
    expect(await admitted(gate, fleet)).toEqual(idsOf(fleet));
    // What stands in the files at this moment was synced: no write is under way.
    const cut = join(directory.path, 'cut');
    cpSync(dataDir, cut, { recursive: true });
    const log = join(cut, 'fleetgate.sqlite-wal');
    const whole = readFileSync(log);
    expect(whole.length).toBeGreaterThan(4096);
    // A commit that was being written when the power went: some of its bytes came to the disk.
    writeFileSync(log, Buffer.concat([whole, whole.subarray(32, 32 + 3000)]));
    const after = await open({ dataDir: cut });
    expect(await after.main.devices()).toEqual(idsOf(fleet));
    expect(await admitted(after, await aFleet(root, 'later', 2))).toHaveLength(2);
    await after.remove();
    for (const share of [0, 0.01, 0.2, 0.33, 0.5, 0.66, 0.8, 0.99, 1]) {
      for (const name of ['fleetgate.sqlite', 'fleetgate.sqlite-wal']) copyFileSync(join(dataDir, name), join(cut, name));
      rmSync(join(cut, 'fleetgate.sqlite-shm'), { force: true });
      truncateSync(log, Math.floor(statSync(log).size * share));
      expect([share, soundness(join(cut, 'fleetgate.sqlite'))]).toEqual([share, 'ok']);
    }
  });
});

describe('a disk that does not do what it is told', () => {
  itWith('strace')('F06 a sync that fails: the device hears no CONNACK 0, nothing is written any more, who is known gets in, and a restart mends it', async () => {
    const { dataDir, root, known } = await aFormerRun('sync-fails');
    const fleet = await aFleet(root, 'press', 2);
    const sick = await open({ dataDir, command: strace('error=EIO:when=1') });
    expect(await admitted(sick, fleet)).toEqual([]);
    await sick.logged('The database refused a write: disk I/O error');
    expect(await admitted(sick, fleet)).toEqual([]); // the kernel would call it a success now
    await sick.logged('A sync of the disk has failed before');
    expect(await admitted(sick, known)).toEqual(idsOf(known));
    expect((await sick.main.call('/ready')).status).toBe(503);
    sick.process.kill('SIGKILL');
    await sick.ended;
    const well = await open({ dataDir });
    expect(await admitted(well, fleet)).toEqual(idsOf(fleet));
    expect(await well.main.devices()).toEqual(idsOf(new Map([...known, ...fleet])));
  });

  itWith('strace')('F28 a sync that takes half a second: fifty new devices share a few of them, and who is known does not wait', async () => {
    const { dataDir, root, known } = await aFormerRun('slow');
    const fleet = await aFleet(root, 'press', 50);
    const slow = await open({ dataDir, command: strace('delay_enter=500000') });
    const began = performance.now();
    const order: string[] = [];
    const coming = connectAll(slow, fleet, () => order.push('new'));
    await connectAll(slow, known, () => order.push('known'));
    await coming;
    expect(order.filter((each) => each === 'new')).toHaveLength(50);
    expect(order.slice(0, 3)).toEqual(['known', 'known', 'known']);
    expect(performance.now() - began).toBeLessThan(50 * 500 * 0.8); // one after the other would take longer than that
    expect(await slow.main.devices()).toHaveLength(53);
  });

  itWith('tmpfs')('F07 a full disk: new devices are refused and changes answered 5xx, who is known gets in, and space is enough to go on', async () => {
    const dataDir = join(directory.path, 'full');
    mkdirSync(dataDir);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m,mode=0700', 'none', dataDir]);
    try {
      const root = await aRoot();
      const [known, fleet] = [await aFleet(root, 'known', 2), await aFleet(root, 'press', 400)];
      const gate = await open({ dataDir });
      await gate.main.trusts(caOf(root));
      expect(await admitted(gate, known)).toEqual(idsOf(known));
      const ballast = join(dataDir, 'ballast');
      fill(ballast);
      const some = await admitted(gate, fleet);
      expect(some.length).toBeLessThan(400); // SQLite had a little room left in its log
      const answer = await gate.main.call('/fleetgate/revocations', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ serialNumber: 'a1' }) });
      expect([503, 507]).toContain(answer.status);
      expect(await admitted(gate, known)).toEqual(idsOf(known));
      rmSync(ballast);
      expect(await admitted(gate, fleet)).toEqual(idsOf(fleet));
      expect((await gate.main.devices()).length).toBe(402);
      await gate.remove();
    } finally {
      execFileSync('umount', ['-l', dataDir]);
    }
  });

  itWith('tmpfs')('F09 a database that may not be written: it says so and does not start', async () => {
    const { dataDir } = await aFormerRun('read-only');
    for (const name of ['fleetgate.sqlite', 'fleetgate.sqlite-wal', 'fleetgate.sqlite-shm']) try { chmodSync(join(dataDir, name), 0o400); } catch { /* not there after a clean end */ }
    chmodSync(dataDir, 0o500);
    // Root writes whatever it likes, unless that right is taken from it.
    const gate = aGateProcess({ dataDir, command: ['setpriv', '--bounding-set=-dac_override,-dac_read_search,-fowner', ...SERVE] });
    expect((await gate.ended).code).not.toBe(0);
    expect(gate.output()).toMatch(/cannot be opened for writing|not writable|may not be written/);
    chmodSync(dataDir, 0o700);
  });
});

function fill(file: string): void {
  for (const size of [65_536, 4_096, 512]) {
    try {
      for (;;) writeFileSync(file, Buffer.alloc(size), { flag: 'a' });
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
    }
  }
}
