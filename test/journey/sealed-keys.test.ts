/** The private keys of a gate where they lie: in clear, sealed, and sealed anew under another key while it serves. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { enter, tokenOf } from '../support/clients.ts';
import { anOperatedGate, type OperatedGate, type Ran } from '../support/operated-gate.ts';
import { aDevice, aRoot, pemChain } from '../support/pki.ts';
import { aGateProcess, api, ROOT } from '../support/running-gate.ts';

describe('the private keys of a gate', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fleetgate-sealed-'));
  const at = (name: string): string => join(folder, name);
  const dataDir = at('data');
  const env = { FLEETGATE_SEALING_KEY_FILE: at('sealing-keys') };
  const [a, b] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
  let gate: OperatedGate;
  let before: Awaited<ReturnType<typeof facts>>;
  let jwt: string;

  beforeAll(async () => {
    mkdirSync(dataDir, { mode: 0o700 });
    gate = await anOperatedGate({ dataDir });
    const root = await aRoot();
    await gate.main.trusts({ pem: root.certificatePem, fingerprint: '' });
    const device = await aDevice(root, { commonName: 'press-7' });
    writeFileSync(at('device.pem'), pemChain(device));
    writeFileSync(at('device.key'), device.keyPem, { mode: 0o600 });
    const entered = await enter({ port: gate.mqtts[0]!, caFile: gate.caFile, certFile: at('device.pem'), keyFile: at('device.key'), clientId: 'press-7', version: 5 });
    jwt = await tokenOf(entered);
    await entered.client.endAsync();
    before = await facts();
  }, 60_000);
  afterAll(async () => {
    await gate?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const restart = async (): Promise<void> => {
    gate.process.kill('SIGTERM');
    await gate.ended;
    gate = await anOperatedGate({ dataDir, env });
  };
  /** What the world sees of the keys: the one that signs, whether its tokens are good, who signs revocation lists, and the CA that clients trust. */
  const facts = async () => {
    const { keys } = (await (await fetch(`http://127.0.0.1:${gate.http}/.well-known/jwks.json`)).json()) as { keys: { kid: string }[] };
    const { status, body } = await fetch(`http://127.0.0.1:${gate.http}/user/currentUser`, { headers: { authorization: `Bearer ${jwt}` } });
    await body?.cancel();
    const [list, signer] = [at('revoked.crl'), at('signer.pem')];
    for (const file of [list, signer]) rmSync(file, { force: true });
    const exported = await gate.cli('revocations', 'export', '--out', list, '--signer', signer);
    return { kids: keys.map(({ kid }) => kid), status, exported: exported.exit, signer: readFileSync(signer, 'utf8'), ca: readFileSync(gate.caFile, 'utf8') };
  };
  /** At the machine itself, with the settings of the server. */
  const command = async (...args: readonly string[]): Promise<Ran> => {
    const child = spawn(process.execPath, [join(ROOT, 'src/launch.mjs'), ...args], { cwd: folder, env: { PATH: process.env['PATH'], FLEETGATE_DATA_DIR: dataDir, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const [out, err, [exit]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close') as Promise<[number | null]>]);
    return { exit, out, err };
  };
  const doctorOnSeals = async (): Promise<readonly string[]> => {
    const { findings } = JSON.parse((await command('doctor', '--data-dir', dataDir, '--json')).out) as { findings: { what: string; verdict: string; sentence: string }[] };
    return findings.filter(({ what }) => what === 'seals').map(({ verdict, sentence }) => `${verdict}: ${sentence}`);
  };
  const filesWith = (words: string): string[] =>
    readdirSync(dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && readFileSync(join(entry.parentPath, entry.name), 'latin1').includes(words)).map(({ name }) => name).sort();

  const sealedTexts = (): readonly string[] => ['keys', 'crl-keys', 'tls'].flatMap((name) => readdirSync(join(dataDir, name)).map((file) => readFileSync(join(dataDir, name, file), 'utf8')));

  it('lie in clear without a sealing key, and are sealed at the next start with one; nobody outside sees a difference', async () => {
    expect(before).toMatchObject({ status: 200, exported: 0 });
    expect(filesWith('PRIVATE KEY')).toEqual([`${before.kids[0]}.json`, 'ca-key.pem', 'main.pem', 'server-key.pem'].sort());
    writeFileSync(env.FLEETGATE_SEALING_KEY_FILE, `${a}\n`, { mode: 0o600 });
    expect(await doctorOnSeals()).toEqual(Array(4).fill(expect.stringMatching(/^warning: The key .* lies in clear\.$/)));
    await restart();
    expect(filesWith('PRIVATE KEY')).toEqual([]);
    expect(await facts()).toEqual(before);
    expect(await doctorOnSeals()).toEqual([expect.stringMatching(/^good: All 4 private keys are sealed under the key [0-9a-f]{16}, the first in/)]);
  }, 60_000);

  it('are sealed under another key by one command while the gate serves, and need the former one no more', async () => {
    writeFileSync(env.FLEETGATE_SEALING_KEY_FILE, `${b}\n${a}\n`);
    expect(await doctorOnSeals()).toEqual(Array(4).fill(expect.stringMatching(/^warning: .* is sealed under the key [0-9a-f]{16}, which is not the first/)));
    const done = await command('keys', 'reseal');
    expect([done.exit, done.err]).toEqual([0, '']);
    expect(done.out).toMatch(/^Sealed anew under the key [0-9a-f]{16}: 4 private keys that were under the key [0-9a-f]{16}\. 0 were under it already\.\nThe line below the first can be taken out of .*sealing-keys now\.\n/);
    writeFileSync(env.FLEETGATE_SEALING_KEY_FILE, `${b}\n`);
    expect(await command('keys', 'reseal')).toMatchObject({ exit: 0, out: expect.stringMatching(/^Nothing was to do: all 4 private keys were sealed under the key [0-9a-f]{16} already\.\n$/) });
    // Keys that the same process makes now are sealed by the new one: it starts with that alone.
    expect((await (await gate.tenant('other')).call('/fleetgate/revocations/signer')).status).toBe(200);
    expect(await facts()).toEqual(before);
    await restart();
    expect(filesWith('PRIVATE KEY')).toEqual([]);
    expect(await facts()).toEqual(before);
    expect(gate.output()).not.toContain('TLS certificate is not used');
  }, 60_000);

  it('are in the audit when they were sealed anew, by id and number', async () => {
    const { entries } = (await (await api(gate, '/fleetgate/audit?limit=50', {}, `management/admin:${gate.password}`)).json()) as { entries: { what: string; by: string; after?: object }[] };
    const ours = entries.filter(({ by }) => by === 'keys reseal');
    expect(ours.map(({ what, after }) => [what, after]).sort()).toEqual([['keys.reseal-asked', undefined], ['keys.resealed', { sealed: 4, already: 0 }]].sort());
  });

  it('keep the gate closed where the file has another key only, and the command says the same; nothing is written', async () => {
    gate.process.kill('SIGTERM');
    await gate.ended;
    writeFileSync(env.FLEETGATE_SEALING_KEY_FILE, `${a}\n`);
    const stored = sealedTexts();
    const refused = aGateProcess({ dataDir, env });
    await refused.logged('Fleetgate is ready').catch(() => undefined);
    await refused.remove();
    expect((await refused.ended).code).toBe(1);
    expect(refused.output()).toMatch(/sealed under the key [0-9a-f]{16}, which is not in the file of FLEETGATE_SEALING_KEY_FILE/);
    expect(await command('keys', 'reseal')).toMatchObject({ exit: 1, out: '', err: expect.stringMatching(/cannot be opened: it is sealed under the key [0-9a-f]{16}, which is not in the file/) });
    expect(await doctorOnSeals()).toContainEqual(expect.stringMatching(/^bad: The key .* cannot be opened/));
    expect(sealedTexts()).toEqual(stored);
    writeFileSync(env.FLEETGATE_SEALING_KEY_FILE, `${b}\n`);
    gate = await anOperatedGate({ dataDir, env });
    expect(await facts()).toEqual(before);
  }, 60_000);

  it('are made anew where the sealing key is lost, once the sealed ones were put aside', async () => {
    gate.process.kill('SIGTERM');
    await gate.ended;
    writeFileSync(env.FLEETGATE_SEALING_KEY_FILE, `${a}\n`);
    for (const name of ['crl-keys', 'tls/ca-key.pem', 'tls/server-key.pem']) renameSync(join(dataDir, name), at(name.replace('/', '-')));
    gate = await anOperatedGate({ dataDir, env, command: [process.execPath, join(ROOT, 'src/launch.mjs'), 'serve', '--new-signing-key'] });
    const now = await facts();
    expect(now).toMatchObject({ status: 401, exported: 0 });
    expect([now.kids[0] === before.kids[0], now.signer === before.signer, now.ca === before.ca]).toEqual([false, false, false]);
    expect(filesWith('PRIVATE KEY')).toEqual([]);
  }, 60_000);
});
