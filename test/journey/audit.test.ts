/** The audit of the real program: what was done by devices, by the API and by the command line is in it, kill -9 loses none of it, and damage is found. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Sqlite from 'better-sqlite3';
import mqttPacket from 'mqtt-packet';
import type { Minted } from '../../src/ports/driven/certificate-mint.ts';
import { anOperatedGate, type OperatedGate } from '../support/operated-gate.ts';
import { ROOT } from '../support/running-gate.ts';
import { aRoot, mint } from '../support/pki.ts';

const DEVICES = 120;
const CONNACK_0 = Buffer.of(0x20, 2, 0, 0);

interface Entry {
  readonly seq: number;
  readonly by: string;
  readonly what: string;
  readonly subject: string;
  readonly before?: object;
  readonly after?: object;
}

describe('The audit', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'fleetgate-audit-'));
  let gate: OperatedGate;
  let root: Minted;
  beforeAll(async () => {
    root = await aRoot();
    gate = await anOperatedGate({ dataDir });
  });
  afterAll(async () => {
    await gate?.remove();
    rmSync(dataDir, { recursive: true, force: true });
  });

  /** Resolves when the device knows where it stands. */
  const knock = (clientId: string, { certificatePem: cert, keyPem: key }: Minted, onAdmitted: () => void): Promise<void> =>
    new Promise((resolve) => {
      const socket: TLSSocket = connect({ host: '127.0.0.1', port: gate.mqtts[0]!, ca: readFileSync(gate.caFile), cert, key });
      socket.once('secureConnect', () => socket.write(mqttPacket.generate({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, clientId, keepalive: 600 })));
      socket.once('data', (bytes: Buffer) => {
        if (bytes.equals(CONNACK_0)) onAdmitted();
        socket.destroy();
      });
      socket.once('error', () => socket.destroy()).once('close', () => resolve());
    });
  const entries = async (query = ''): Promise<readonly Entry[]> =>
    ((await (await gate.main.call(`/fleetgate/audit?limit=1000&after=0${query}`)).json()) as { entries: Entry[] }).entries;
  const setOption = (key: string, value: string): Promise<Response> =>
    gate.main.call(`/tenant/options/journey/${key}`, { method: 'PUT', body: JSON.stringify({ value }), headers: { 'content-type': 'application/json' } });
  const offline = () => gate.cli('audit', 'verify', '--data-dir', dataDir, '--json');

  it('tells who did what, by every way in', async () => {
    const file = join(dataDir, 'root.pem');
    writeFileSync(file, root.certificatePem);
    expect((await gate.cli('trust', 'add', file, '--auto-registration')).exit).toBe(0);
    await knock('press-7', await mint.device(root, { commonName: 'press-7' }), () => undefined);
    expect((await gate.cli('devices', 'block', 'press-7', '--reason', 'stolen')).exit).toBe(0);
    expect((await setOption('credentials.mail', 'hunter2')).status).toBe(200);
    const told = (await entries()).map(({ what, by, subject, before, after }) => ({ what, by, subject, before, after }));
    expect(told).toMatchObject([
      { what: 'user.added', by: 'first start', subject: 'admin' },
      { what: 'tenant.created', by: 'first start', after: { status: 'active' } },
      { what: 'anchor.added', by: 'main/admin', after: { subject: 'CN=Works Root', autoRegistration: true } },
      { what: 'device.registered', by: 'device_press-7', subject: 'press-7', after: { registeredBy: 'auto' } },
      { what: 'device.blocked', by: 'main/admin', subject: 'press-7', before: { block: null }, after: { block: { reason: 'stolen' } } },
      { what: 'tenant.option-set', by: 'main/admin', subject: 'journey/credentials.mail', after: { value: '<<Encrypted>>' } },
    ]);
    const listed = await gate.cli('audit', 'list', '--subject', 'press-7');
    expect([listed.exit, listed.out.split('\n').map((line) => line.split(/ {2,}/)[3])]).toEqual([0, ['WHAT', 'device.registered', 'device.blocked', undefined]]);
    expect(await gate.cli('audit', 'verify')).toMatchObject({ exit: 0, out: expect.stringMatching(/^main: 6 entries, as they were written; the end is 6:[0-9a-f]{64}\.\n$/) });
    expect(JSON.stringify(told)).not.toContain('hunter2');
  }, 60_000);

  it('F01 has after kill -9 what was acknowledged, nothing that did not happen, and a chain that holds', async () => {
    const fleet = await Promise.all(Array.from({ length: DEVICES }, async (_, i) => [`crash-${i}`, await mint.device(root, { commonName: `crash-${i}` })] as const));
    const admitted: string[] = [];
    const acknowledged: string[] = [];
    const kill = (): void => {
      if (admitted.length >= DEVICES / 3 && acknowledged.length >= 3) gate.process.kill('SIGKILL');
    };
    const changing = (async () => {
      for (let i = 0; ; i += 1) {
        const answer = await setOption(`k${i}`, `${i}`).catch(() => undefined);
        if (answer?.status !== 200) return;
        acknowledged.push(`journey/k${i}`);
        kill();
      }
    })();
    await Promise.all(fleet.map(([id, device]) => knock(id, device, () => (admitted.push(id), kill()))));
    if (!gate.process.killed) gate.process.kill('SIGKILL');
    await Promise.all([changing, gate.ended]);
    // Before anybody opens it again: the log that the dead process left is read too.
    const dead = await offline();
    expect([dead.exit, JSON.parse(dead.out)]).toMatchObject([0, { intact: true }]);

    gate = await anOperatedGate({ dataDir });
    const registered = (await entries('&what=device.registered')).map(({ subject }) => subject);
    expect(admitted.filter((id) => !registered.includes(id))).toEqual([]);
    expect([...registered].sort()).toEqual([...(await gate.main.devices())].sort());
    const set = (await entries('&what=tenant.option-set')).map(({ subject }) => subject);
    expect(acknowledged.filter((name) => !set.includes(name))).toEqual([]);
    expect((await gate.cli('audit', 'verify')).exit).toBe(0);
  }, 120_000);

  it('counts refusals by class and writes them down before it ends; a start with a new key is in it', async () => {
    for (let i = 0; i < 3; i += 1) await knock('stranger', await mint.root({ commonName: 'stranger' }), () => undefined);
    gate.process.kill('SIGTERM');
    await gate.ended;
    gate = await anOperatedGate({ dataDir, command: [process.execPath, join(ROOT, 'src/launch.mjs'), 'serve', '--new-signing-key'] });
    const management = await gate.cli('audit', 'verify', '--data-dir', dataDir, '--json');
    expect([management.exit, (JSON.parse(management.out) as { chains: { tenant: string }[] }).chains.map(({ tenant }) => tenant)]).toEqual([0, ['main', 'management']]);
    const db = new Sqlite(join(dataDir, 'fleetgate.sqlite'), { readonly: true });
    const rows = db.prepare("select what, subject, state_after from audit_entry where tenant = 'management' and what like 'device.%' or what like 'keys.%' order by seq").all() as { what: string; subject: string; state_after: string }[];
    db.close();
    expect(rows.map(({ what, subject }) => [what, subject])).toEqual([['device.refused', 'tenant.no-anchor-found'], ['keys.replaced', 'signing keys']]);
    expect(JSON.parse(rows[0]!.state_after)).toMatchObject({ count: 3 });
  }, 60_000);

  it('shows which row was changed and which is missing, to a running server and without one', async () => {
    const count = (await entries()).length;
    const db = new Sqlite(join(dataDir, 'fleetgate.sqlite'));
    db.exec("update audit_entry set actor = 'main/eve' where tenant = 'main' and seq = 5; delete from audit_entry where tenant = 'main' and seq = 4");
    db.close();
    const expected = { intact: false, chains: [{ tenant: 'main', rows: count - 1, problems: [{ kind: 'missing', seq: 4 }, { kind: 'changed', seq: 5 }] }] };
    const asked = await gate.cli('audit', 'verify');
    expect([asked.exit, asked.out]).toEqual([1, expect.stringContaining('  ✗ Row 4 is missing.\n  ✗ Row 5 was changed: its hash stands for something else.\n')]);
    expect(JSON.parse((await gate.cli('audit', 'verify', '--json')).out)).toMatchObject(expected);
    // Fleetgate goes on, and the damage stays to be seen.
    expect((await setOption('later', '1')).status).toBe(200);
    gate.process.kill('SIGTERM');
    await gate.ended;
    const stopped = await offline();
    expect([stopped.exit, (JSON.parse(stopped.out) as typeof expected).chains[0]]).toMatchObject([1, { ...expected.chains[0], rows: count }]);
  }, 60_000);
});
