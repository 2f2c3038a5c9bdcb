import { randomBytes } from 'node:crypto';
import { chmodSync, copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FileCrlSigner } from '../../../src/adapters/pki/crl/file-crl-signer.ts';
import { FileKeySeal } from '../../../src/adapters/signing/file-key-seal.ts';
import { revocationListSignerContract } from '../../contracts/revocation-list-signer.contract.ts';
import { aTenantId, FixedClock } from '../../support/certificate-builders.ts';
import { keyBegin } from '../../support/key-armour.ts';

const aFolder = () => mkdtempSync(join(tmpdir(), 'fleetgate-crl-keys-'));

describe('FileCrlSigner', () => {
  const main = aTenantId();
  let base: string;
  let folder: string;
  let warned: object[];
  const aSigner = () => new FileCrlSigner({ folder, seal: new FileKeySeal({}), clock: new FixedClock(), log: { info: () => undefined, warn: (facts) => void warned.push(facts), error: () => undefined } });
  const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);
  beforeEach(() => {
    base = aFolder();
    folder = join(base, 'crl-keys');
    warned = [];
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  it('keeps the key of each tenant in a file that nobody else reads, over restarts', async () => {
    const made = await aSigner().certificateOf(main);
    expect(await aSigner().certificateOf(main)).toEqual(made);
    expect([modeOf(folder), readdirSync(folder), modeOf(join(folder, 'main.pem')), warned]).toEqual(['700', ['main.pem'], '600', []]);
    expect(readFileSync(join(folder, 'main.pem'), 'utf8')).toMatch(new RegExp(`^${keyBegin()}[^]*-----BEGIN CERTIFICATE-----`));
  });

  it('seals the key where the operator named a sealing key, opens it at the next start, and names the file where it cannot', async () => {
    const sealing = join(base, 'sealing-key');
    const sealed = () => new FileCrlSigner({ folder, seal: new FileKeySeal({ file: sealing }), clock: new FixedClock(), log: { info: () => undefined, warn: () => undefined, error: () => undefined } });
    const stored = (): string => readFileSync(join(folder, 'main.pem'), 'utf8');
    writeFileSync(sealing, randomBytes(32).toString('base64'));
    const made = await sealed().certificateOf(main);
    expect(stored()).toMatch(/^sealed-1:[0-9a-f]{16}:\S+\n-----BEGIN CERTIFICATE-----/);
    expect(await sealed().certificateOf(main)).toEqual(made);
    const before = stored();
    await expect(aSigner().certificateOf(main)).rejects.toThrow(`the key file ${join(folder, 'main.pem')} cannot be used: it is sealed under the key`);
    // The key of one tenant is none for another.
    copyFileSync(join(folder, 'main.pem'), join(folder, 'other.pem'));
    await expect(sealed().certificateOf(aTenantId('other'))).rejects.toThrow('its seal is broken');
    expect(stored()).toBe(before);
  });

  it('makes one key however many ask for it at once, in one process or in several', async () => {
    const signers = Array.from({ length: 5 }, aSigner);
    const all = await Promise.all(signers.flatMap((signer) => [signer.certificateOf(main), signer.certificateOf(main)]));
    expect(new Set(all.map((der) => Buffer.from(der).toString('hex'))).size).toBe(1);
    expect(readdirSync(folder)).toEqual(['main.pem']);
  });

  it('corrects the mode of a key that others could read, and says so', async () => {
    await aSigner().certificateOf(main);
    chmodSync(join(folder, 'main.pem'), 0o644);
    await aSigner().certificateOf(main);
    expect([modeOf(join(folder, 'main.pem')), warned]).toEqual(['600', [{ path: join(folder, 'main.pem'), mode: '644' }]]);
  });

  it.each([
    ['is empty', ''],
    ['is no PEM', 'junk'],
    ['has a certificate of another key', undefined],
  ])('refuses to sign with a file that %s, names it, and takes it once it is mended', async (_what, content) => {
    const file = join(folder, 'main.pem');
    const made = await aSigner().certificateOf(main);
    const good = readFileSync(file, 'utf8');
    await aSigner().certificateOf(aTenantId('other'));
    const foreign = readFileSync(join(folder, 'other.pem'), 'utf8');
    writeFileSync(file, content ?? good.slice(0, good.indexOf('-----BEGIN CERT')) + foreign.slice(foreign.indexOf('-----BEGIN CERT')));
    const signer = aSigner();
    const failure = await signer.certificateOf(main).catch((error: Error) => error.message);
    expect(failure).toContain(`the key file ${file} cannot be used`);
    expect(failure).not.toContain('junk');
    writeFileSync(file, good);
    expect(await signer.certificateOf(main)).toEqual(made);
  });
});

revocationListSignerContract('FileCrlSigner', async () => {
  const folder = aFolder();
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  return {
    subject: new FileCrlSigner({ folder, seal: new FileKeySeal({}), clock: new FixedClock(new Date()), log }),
    close: async () => rmSync(folder, { recursive: true, force: true }),
  };
});
