/** An operator's care of the store: a backup while devices come, the look of the doctor, and the way back after a loss. */
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Sqlite from 'better-sqlite3';
import { knock, refusalIn } from '../support/clients.ts';
import { anOperatedGate, type OperatedGate } from '../support/operated-gate.ts';
import { aDevice, aRoot, pemChain } from '../support/pki.ts';

interface Report {
  readonly sound: boolean;
  readonly findings: readonly { readonly what: string; readonly verdict: string; readonly sentence: string }[];
}

describe('the care of the store', () => {
  let gate: OperatedGate;
  const folder = mkdtempSync(join(tmpdir(), 'fleetgate-care-'));
  const at = (name: string): string => join(folder, name);
  const backup = at('yesterday.sqlite');
  beforeAll(async () => {
    mkdirSync(at('data'), { mode: 0o700 });
    gate = await anOperatedGate({ dataDir: at('data') });
    await gate.main.trusts({ pem: (await aRoot()).certificatePem, fingerprint: '' }, { autoRegistration: true });
  });
  afterAll(async () => {
    await gate?.remove();
    rmSync(folder, { recursive: true });
  });

  const codeOf = async (name: string): Promise<string> => {
    const device = await aDevice(undefined, { commonName: name });
    writeFileSync(at(`${name}.pem`), pemChain(device));
    writeFileSync(at(`${name}.key`), device.keyPem, { mode: 0o600 });
    const { code, reason } = await knock({ port: gate.mqtts[0]!, caFile: gate.caFile, certFile: at(`${name}.pem`), keyFile: at(`${name}.key`), clientId: name, version: 5 });
    return code === 0 ? 'in' : refusalIn(reason);
  };
  const serialOf = (name: string): string => new X509Certificate(readFileSync(at(`${name}.pem`))).serialNumber;
  const doctor = async (dataDir: string): Promise<Report & { readonly exit: number | null }> => {
    const { exit, out } = await gate.cli('doctor', '--data-dir', dataDir, '--json');
    return { exit, ...(JSON.parse(out) as Report) };
  };

  it('backs up while devices register: the copy is whole and sound, for its owner alone, and never overwrites', async () => {
    expect(await codeOf('kept')).toBe('in');
    const coming = Promise.all(Array.from({ length: 10 }, (_, i) => codeOf(`during-${i}`)));
    const made = await gate.cli('backup', backup, '--data-dir', gate.dataDir);
    expect([made.exit, made.err, made.out]).toEqual([0, '', expect.stringContaining(`The database is in ${backup}.`)]);
    expect(await coming).toEqual(Array(10).fill('in'));
    expect(statSync(backup).mode & 0o777).toBe(0o600);
    const copy = new Sqlite(backup, { readonly: true });
    expect([copy.pragma('integrity_check', { simple: true }), copy.prepare("select id from device where id = 'kept'").get()]).toEqual(['ok', { id: 'kept' }]);
    copy.close();
    const bytes = readFileSync(backup);
    expect(await gate.cli('backup', backup, '--data-dir', gate.dataDir)).toMatchObject({ exit: 1, err: expect.stringContaining('never overwrites') });
    expect(readFileSync(backup).equals(bytes)).toBe(true);
    expect(await gate.cli('backup', at('nowhere/b.sqlite'), '--data-dir', gate.dataDir)).toMatchObject({ exit: 1, err: expect.stringContaining('could not be made') });
  });

  it('says by the doctor that a running server’s data are sound, and what somebody should see to', async () => {
    const { exit, sound, findings } = await doctor(gate.dataDir);
    expect([exit, sound, findings.filter(({ verdict }) => verdict !== 'good').map(({ what }) => what)]).toEqual([0, true, ['password']]);
    expect(findings.map(({ what }) => what)).toEqual(['modes', 'database', 'schema', 'clock', 'keys', 'certificates', 'password']);
  });

  it('F33 after a backup of yesterday comes back, lets in what was revoked since until that is revoked again from the list that was kept', async () => {
    expect(await codeOf('stolen')).toBe('in');
    expect((await gate.cli('revoke', '--serial', serialOf('stolen'), '--reason', 'keyCompromise')).exit).toBe(0);
    expect(await codeOf('stolen')).toBe('revocation.revoked at depth 0');
    const kept = (await gate.cli('revocations', 'list', '--json')).out;

    // The way back, as src/adapters/persistence/README.md has it.
    gate.process.kill('SIGTERM');
    await gate.ended;
    for (const side of ['', '-wal', '-shm']) rmSync(join(gate.dataDir, `fleetgate.sqlite${side}`), { force: true });
    copyFileSync(backup, join(gate.dataDir, 'fleetgate.sqlite'));
    gate = await anOperatedGate({ dataDir: gate.dataDir });
    expect((await doctor(gate.dataDir)).exit).toBe(0);
    expect([await codeOf('kept'), await codeOf('stolen')]).toEqual(['in', 'in']);
    const revocations = JSON.parse(kept) as readonly { readonly serialNumber: string; readonly reason: string }[];
    for (const { serialNumber, reason } of revocations) await gate.cli('revoke', '--serial', serialNumber, '--reason', reason);
    expect([await codeOf('kept'), await codeOf('stolen')]).toEqual(['in', 'revocation.revoked at depth 0']);
  });

  it.each<[string, string, (data: string) => void]>([
    ['modes', 'Others may get at', (data) => chmodSync(join(data, 'fleetgate.sqlite'), 0o644)],
    ['database', 'There is no database', (data) => rmSync(join(data, 'fleetgate.sqlite'))],
    ['database', 'cannot be read', (data) => writeFileSync(join(data, 'fleetgate.sqlite'), 'no database'.repeat(1000), { mode: 0o600 })],
    ['schema', 'knows versions up to', (data) => sql(data, "insert into schema_version values (99, 'later')")],
    ['clock', 'the audit has an entry of', (data) => sql(data, "update audit_entry set at = '2999-01-01T00:00:00.000Z'")],
    ['keys', 'There is no key to sign tokens with', (data) => rmSync(join(data, 'keys'), { recursive: true })],
    ['certificates', 'The CA', (data) => sql(data, "update trust_anchor set der_base64 = 'AAAA'")],
  ])('F32 F33 finds by the doctor what is wrong with the %s: %s', async (what, sentence, spoil) => {
    const data = mkdtempSync(at('spoilt-'));
    copyFileSync(backup, join(data, 'fleetgate.sqlite'));
    const keys = join(gate.dataDir, 'keys');
    cpSync(keys, join(data, 'keys'), { recursive: true });
    chmodSync(join(data, 'keys'), 0o700);
    expect((await doctor(data)).exit).toBe(0);
    spoil(data);
    const { exit, sound, findings } = await doctor(data);
    expect([exit, sound]).toEqual([1, false]);
    expect(findings.filter(({ verdict }) => verdict === 'bad')).toMatchObject([{ what, sentence: expect.stringContaining(sentence) }]);
    expect(existsSync(join(data, 'fleetgate.sqlite')) || what === 'database').toBe(true);
  });
});

function sql(data: string, text: string): void {
  const db = new Sqlite(join(data, 'fleetgate.sqlite'));
  db.exec(text);
  db.close();
}
