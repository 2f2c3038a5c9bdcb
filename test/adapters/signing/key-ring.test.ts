import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { JoseTokenSigner } from '../../../src/adapters/signing/jose-token-signer.ts';
import { OVERLAP_MS, openKeyRing } from '../../../src/adapters/signing/key-ring.ts';
import type { KeyStore } from '../../../src/adapters/signing/key-store.ts';
import { MemoryKeyStore } from '../../../src/adapters/signing/key-store.ts';
import { openTokenSigner, startNewKeyRing } from '../../../src/adapters/signing/open-token-signer.ts';
import type { KeyRecord, TokenAlgorithm } from '../../../src/adapters/signing/signing-key.ts';
import { makeSigningKey, recordOf } from '../../../src/adapters/signing/signing-key.ts';
import { after, FixedClock, NOW } from '../../support/certificate-builders.ts';
import { keyBegin } from '../../support/key-armour.ts';
import { someClaims } from '../../support/token-builders.ts';
import { tokenSignerContract } from '../../contracts/token-signer.contract.ts';

let dataDir: string;
let keys: string;
let clock: FixedClock;
let warnings: string[];
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'fleetgate-keys-'));
  keys = join(dataDir, 'keys');
  clock = new FixedClock(NOW);
  warnings = [];
});
afterEach(() => rmSync(dataDir, { recursive: true }));

const log = { info: () => undefined, warn: (_facts: object, sentence: string) => void warnings.push(sentence), error: () => undefined };
const open = (algorithm: TokenAlgorithm = 'ES256'): Promise<JoseTokenSigner> =>
  openTokenSigner({ dataDir, tracesOfFormerRuns: [join(dataDir, 'fleetgate.sqlite')], algorithm, clock, log });
const files = (): string[] => readdirSync(keys).sort();
const recordIn = (file: string): KeyRecord => JSON.parse(readFileSync(join(keys, file), 'utf8'));
const modeOf = (path: string): number => statSync(path).mode & 0o777;

tokenSignerContract('JoseTokenSigner with keys in a folder', async () => ({ subject: await open(), close: async () => undefined }));

describe('A ring that two processes share', () => {
  it('J08 verifies by a key of the other for as long as that signs, also where two looks for it met', async () => {
    const store = new MemoryKeyStore();
    const needs = { store, clock, algorithm: 'ES256', ranBefore: false, settleMs: 2_000 } as const;
    const [there, here] = [await openKeyRing(needs), await openKeyRing(needs)];
    clock.advance(1);
    const { kid } = await there.rotate();
    await Promise.all([here.catchUp(), here.catchUp()]);
    clock.advance(2_000);
    expect(here.signing().kid).toBe(kid);
    clock.advance(OVERLAP_MS);
    expect(here.find(kid)?.kid).toBe(kid);
  });
});

describe('The signing keys', () => {
  it('are made at the first start, in a file of mode 0600 in a folder of mode 0700', async () => {
    const signer = await open();
    expect(files()).toEqual([`${signer.keyId()}.json`]);
    expect(modeOf(keys)).toBe(0o700);
    expect(modeOf(join(keys, files()[0]!))).toBe(0o600);
    expect(recordIn(files()[0]!)).toMatchObject({ alg: 'ES256', createdAt: NOW.toISOString(), privateKey: expect.stringContaining(keyBegin()) });
  });

  it('are the same after a restart', async () => {
    const before = await open();
    const jwt = await before.sign(someClaims());
    const again = await open();
    expect(again.keyId()).toBe(before.keyId());
    expect((await again.verify(jwt)).granted).toBe(true);
  });

  it('J08 keep a rotation over a restart, and the former one has no private half any more', async () => {
    const signer = await open();
    const former = signer.keyId();
    const jwt = await signer.sign(someClaims());
    await signer.rotate();
    const again = await open();
    expect(again.keyId()).toBe(signer.keyId());
    expect((await again.verify(jwt)).granted).toBe(true);
    expect(recordIn(`${former}.json`)).toMatchObject({ retiredAt: after(OVERLAP_MS).toISOString() });
    expect(recordIn(`${former}.json`)).not.toHaveProperty('privateKey');
    expect(files()).toHaveLength(2);
  });

  it('J08 are deleted at a rotation after their time', async () => {
    const signer = await open();
    await signer.rotate();
    clock.set(after(OVERLAP_MS));
    await signer.rotate();
    expect(files()).toHaveLength(2);
  });

  it.each<[TokenAlgorithm]>([['RS256'], ['EdDSA']])('are rotated at the start after the setting became %s', async (algorithm) => {
    const former = (await open('ES256')).keyId();
    const signer = await open(algorithm);
    expect(signer.publicKeys().keys.map(({ kid, alg }) => [kid, alg])).toEqual([[signer.keyId(), algorithm], [former, 'ES256']]);
    expect((await open(algorithm)).keyId()).toBe(signer.keyId());
  });

  it('J08 leave the newer of two that could sign in charge, as a crash in the middle of a rotation leaves them', async () => {
    const older = await open();
    const jwt = await older.sign(someClaims());
    const newer = recordOf(await makeSigningKey('ES256', after(1_000)));
    writeFileSync(join(keys, `${newer.kid}.json`), JSON.stringify(newer), { mode: 0o600 });
    writeFileSync(join(keys, `${newer.kid}.aabbcc.draft`), 'half a');
    const signer = await open();
    expect(signer.keyId()).toBe(newer.kid);
    expect((await signer.verify(jwt)).granted).toBe(true);
    expect(recordIn(`${older.keyId()}.json`)).not.toHaveProperty('privateKey');
  });

  it('stay in force while the program runs, whatever happens to their files (F31)', async () => {
    const signer = await open();
    const jwt = await signer.sign(someClaims());
    rmSync(keys, { recursive: true });
    expect((await signer.verify(jwt)).granted).toBe(true);
    expect((await signer.verify(await signer.sign(someClaims()))).granted).toBe(true);
  });

  it('that others could read get their modes back, and a warning', async () => {
    await open();
    chmodSync(keys, 0o755);
    chmodSync(join(keys, files()[0]!), 0o644);
    await open();
    expect([modeOf(keys), modeOf(join(keys, files()[0]!))]).toEqual([0o700, 0o600]);
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toContain('Others could read the signing keys');
  });
});

describe('J11 the start is refused, saying what to restore and how to make a new key on purpose', () => {
  const refused = async (why: RegExp): Promise<void> => {
    const error = await open().then(() => undefined, (reason: Error) => reason);
    expect(error?.message).toMatch(why);
    expect(error?.message).toContain(`Restore the folder ${keys} from a backup`);
    expect(error?.message).toContain('fleetgate serve --new-signing-key');
    expect(error?.message).not.toMatch(/PRIVATE KEY|MIG/);
  };

  it('when there is a database and no key', async () => {
    writeFileSync(join(dataDir, 'fleetgate.sqlite'), '');
    await refused(/^there is no signing key in .*although Fleetgate ran on this data before/);
    expect(existsSync(keys)).toBe(false);
  });

  it('when the folder of keys is empty beside a database', async () => {
    writeFileSync(join(dataDir, 'fleetgate.sqlite'), '');
    mkdirSync(keys);
    await refused(/^there is no signing key/);
    expect(files()).toEqual([]);
  });

  it('when only keys are left that no longer sign', async () => {
    const signer = await open();
    await signer.rotate();
    rmSync(join(keys, `${signer.keyId()}.json`));
    await refused(/^there is no signing key/);
  });

  it.each<[string, (text: string) => string, RegExp]>([
    ['is cut off', (text) => text.slice(0, 100), /it is not JSON/],
    ['is empty', () => '', /it is not JSON/],
    ['is a list', () => '[]', /expected are the members kid/],
    ['lacks its alg', (text) => text.replace('"alg"', '"algo"'), /expected are the members kid/],
    ['names an unknown alg', (text) => text.replace('ES256', 'HS256'), /its alg is "HS256"; expected is one of ES256, RS256, EdDSA/],
    ['names another alg than its key', (text) => text.replace('ES256', 'EdDSA'), /its key is no key for EdDSA/],
    ['names another kid', (text) => text.replace(/"kid": "./, '"kid": "~'), /its kid is not the thumbprint of its key/],
    ['has a private key that is none', (text) => text.replace(/("privateKey": ")[^"]+/, `$1${keyBegin()}`), /cannot be used/],
    ['has no private key', (text) => text.replace('"privateKey"', '"lost"'), /neither a private key nor a time of retirement/],
    ['has the private key of another', (text) => {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      return JSON.stringify({ ...JSON.parse(text), privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) });
    }, /its private key does not belong to its public key/],
    ['was made at no time', (text) => text.replace(NOW.toISOString(), 'yesterday'), /"yesterday" is no time/],
    ['is that of another curve', (text) => {
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
      return JSON.stringify({ ...JSON.parse(text), privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }), publicKey: publicKey.export({ type: 'spki', format: 'pem' }) });
    }, /its key is no key for ES256/],
  ])('when a key file %s', async (_what, spoil, why) => {
    await open();
    const file = join(keys, files()[0]!);
    writeFileSync(file, spoil(readFileSync(file, 'utf8')));
    await refused(why);
  });

  it('when a key cannot be read at all', async () => {
    await open();
    const file = join(keys, files()[0]!);
    renameSync(file, `${file}.gone`);
    mkdirSync(file, { mode: 0o700 }); // reading fails for root too, who may read every file
    await refused(/the key file .* cannot be used: EISDIR/);
  });

  it('when the place of the folder is taken by a file', async () => {
    writeFileSync(keys, '');
    await refused(/^the key folder .* cannot be read \(ENOTDIR/);
  });

  it('and the command makes one new key and puts the former ones aside', async () => {
    const former = await open();
    writeFileSync(join(dataDir, 'fleetgate.sqlite'), '');
    writeFileSync(join(keys, files()[0]!), 'spoilt');
    const aside = await startNewKeyRing({ dataDir, algorithm: 'ES256', clock, log });
    const signer = await open();
    expect(signer.keyId()).not.toBe(former.keyId());
    expect(readdirSync(aside!)).toEqual([`${former.keyId()}.json`]);
    expect(files()).toEqual([`${signer.keyId()}.json`]);
  });

  it('and the command works where there is no folder at all', async () => {
    writeFileSync(join(dataDir, 'fleetgate.sqlite'), '');
    expect(await startNewKeyRing({ dataDir, algorithm: 'ES256', clock, log })).toBeUndefined();
    await open();
  });
});

describe('A rotation that cannot be stored', () => {
  it('rejects, leaves the former key signing, and leaves no new one behind', async () => {
    const memory = new MemoryKeyStore();
    let saves = 0;
    const failing: KeyStore = {
      place: 'a full disk',
      load: () => memory.load(),
      remove: (kid) => memory.remove(kid),
      save: (record) => (++saves === 3 ? Promise.reject(new Error('ENOSPC')) : memory.save(record)),
    };
    const ring = await openKeyRing({ store: failing, clock, algorithm: 'ES256', ranBefore: false });
    const former = ring.signing();
    await expect(ring.rotate()).rejects.toThrow('ENOSPC');
    expect(ring.signing()).toBe(former);
    expect((await memory.load()).map(({ kid }) => kid)).toEqual([former.kid]);
    await ring.rotate();
    expect(ring.signing()).not.toBe(former);
  });
});
