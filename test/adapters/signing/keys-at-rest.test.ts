import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { InMemorySharedSecrets } from '../../../src/adapters/in-memory/in-memory-shared-secrets.ts';
import { FileKeySeal } from '../../../src/adapters/signing/file-key-seal.ts';
import { FileKeyStore } from '../../../src/adapters/signing/file-key-store.ts';
import { countSeals, notUnder, sealAnew, type KeysAtRest } from '../../../src/adapters/signing/keys-at-rest.ts';
import type { RawKeyStore } from '../../../src/adapters/signing/key-store.ts';
import { openTokenSigner } from '../../../src/adapters/signing/open-token-signer.ts';
import { pemKeysAtRest } from '../../../src/adapters/signing/pem-keys-at-rest.ts';
import { sealsIn } from '../../../src/adapters/signing/sealed-text.ts';
import { readSealingKeys } from '../../../src/adapters/signing/sealing-keys.ts';
import { recordsAtRest, SealingKeyStore } from '../../../src/adapters/signing/sealing-key-store.ts';
import { SharedKeyStore } from '../../../src/adapters/signing/shared-key-store.ts';
import { makeSigningKey, recordOf, type KeyRecord } from '../../../src/adapters/signing/signing-key.ts';
import { NOW } from '../../support/certificate-builders.ts';
import { temporaryDirectory } from '../../support/pki.ts';

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const aPem = (): string => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;

let folder: ReturnType<typeof temporaryDirectory>;
const at = (...names: readonly string[]): string => join(folder.path, ...names);
const [A, B] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
const keysOf = (...lines: readonly string[]) => {
  writeFileSync(at('sealing'), lines.join('\n'));
  return readSealingKeys(at('sealing'));
};
beforeEach(() => {
  folder = temporaryDirectory();
});
afterEach(() => folder.remove());

describe('Private keys in PEM files', () => {
  beforeEach(() => {
    for (const name of ['crl-keys', 'tls']) mkdirSync(at(name));
    for (const name of ['crl-keys/main.pem', 'crl-keys/other.pem']) writeFileSync(at(name), `${aPem()}${CERTIFICATE}`, { mode: 0o600 });
    for (const name of ['tls/ca-key.pem', 'tls/server-key.pem']) writeFileSync(at(name), aPem(), { mode: 0o600 });
    for (const name of ['tls/ca.pem', 'crl-keys/main.pem.0123.draft']) writeFileSync(at(name), CERTIFICATE);
  });
  const all = (tlsKey?: string) => pemKeysAtRest({ dataDir: folder.path, tlsKey });
  const texts = (): Record<string, string> => Object.fromEntries(['crl-keys', 'tls'].flatMap((name) => readdirSync(at(name)).map((file) => [`${name}/${file}`, readFileSync(at(name, file), 'utf8')])));

  it('are those that sign revocation lists and those of the development certificate, and not one that the operator named', async () => {
    expect((await all()).map(({ about }) => about)).toEqual(['crl-keys/main.pem', 'crl-keys/other.pem', 'tls/ca-key.pem', 'tls/server-key.pem']);
    expect((await all(at('tls', 'server-key.pem'))).map(({ about }) => about)).not.toContain('tls/server-key.pem');
    rmSync(at('tls'), { recursive: true });
    rmSync(at('crl-keys'), { recursive: true });
    expect(await all()).toEqual([]);
  });

  it('are sealed, and sealed anew, each in its place, 0600, without a draft left over', async () => {
    const clear = texts();
    expect(await sealAnew(await all(), [])).toEqual([]);
    expect(texts()).toEqual(clear);
    const [a] = keysOf(A);
    expect(await sealAnew(await all(), [a!])).toHaveLength(4);
    expect([...countSeals(await all())]).toEqual([[a!.id, 4]]);
    const both = keysOf(B, A);
    expect((await sealAnew(await all(), both)).flatMap(({ text }) => sealsIn(text))).toEqual(Array(4).fill(a!.id));
    const sealed = texts();
    expect(Object.values(sealed).join('')).not.toContain('PRIVATE KEY');
    expect([Object.keys(sealed), statSync(at('tls', 'ca-key.pem')).mode & 0o777]).toEqual([Object.keys(clear), 0o600]);
    expect(await sealAnew(await all(), keysOf(B))).toEqual([]);
    expect(texts()).toEqual(sealed);
    const opened = new FileKeySeal({ file: at('sealing') });
    expect(Object.fromEntries(Object.entries(sealed).map(([about, text]) => [about, opened.open(text, about)]))).toEqual(clear);
  });

  it('are all left as they are where one cannot be opened, which is named, with what to do', async () => {
    await sealAnew((await all()).slice(2, 3), keysOf(A));
    const before = texts();
    const failed = await sealAnew(await all(), keysOf(B)).catch((error: Error) => error.message);
    expect(failed).toMatch(/^the key .*tls\/ca-key\.pem cannot be opened: it is sealed under the key [0-9a-f]{16}, which is not in the file.*\. Put that key into the file again; where it is lost, put this file aside/);
    await expect(sealAnew(await all(), [])).rejects.toThrow('tls/ca-key.pem cannot be opened');
    expect(texts()).toEqual(before);
  });

  it('are sealed to the end when it is done again after a cut in the middle, with drafts left over', async () => {
    await sealAnew(await all(), keysOf(A));
    const both = keysOf(B, A);
    await sealAnew((await all()).slice(0, 2), both);
    writeFileSync(at('tls', 'ca-key.pem.abcd.draft'), 'sealed-1:half');
    expect(notUnder(both[0]!.id, await all()).map(({ about }) => about)).toEqual(['tls/ca-key.pem', 'tls/server-key.pem']);
    expect(await sealAnew(await all(), both)).toHaveLength(2);
    expect([...countSeals(await all())]).toEqual([[both[0]!.id, 4]]);
  });

  it('that somebody else wrote meanwhile stay as those wrote them', async () => {
    const found = await all();
    writeFileSync(at('tls', 'ca-key.pem'), 'newer');
    rmSync(at('tls', 'server-key.pem'));
    expect(await sealAnew(found, keysOf(A))).toHaveLength(2);
    expect([readFileSync(at('tls', 'ca-key.pem'), 'utf8'), readdirSync(at('tls')).sort()]).toEqual(['newer', ['ca-key.pem', 'ca.pem']]);
  });
});

describe.each<[string, () => RawKeyStore]>([
  ['files', () => new FileKeyStore({ folder: at('keys'), log: SILENT })],
  ['the table of all nodes', () => new SharedKeyStore({ secrets: new InMemorySharedSecrets() })],
])('Signing keys in %s', (_where, make) => {
  let store: RawKeyStore;
  let record: KeyRecord;
  beforeEach(async () => {
    store = make();
    record = recordOf(await makeSigningKey('ES256', NOW));
    await store.save(record);
  });
  const found = async (): Promise<readonly KeysAtRest[]> => recordsAtRest(await store.load(), store);

  it('are sealed anew, and the same when they are opened', async () => {
    await store.save({ ...recordOf(await makeSigningKey('ES256', NOW)), privateKey: undefined as never, retiredAt: NOW.toISOString() });
    await sealAnew(await found(), keysOf(A));
    const both = keysOf(B, A);
    expect(await sealAnew(await found(), both)).toHaveLength(1);
    expect([...countSeals(await found())]).toEqual([[both[0]!.id, 1]]);
    keysOf(B);
    expect(await new SealingKeyStore({ store, seal: new FileKeySeal({ file: at('sealing') }) }).load()).toContainEqual(record);
  });

  it('are sealed anew when a process starts, and only looked at later: nodes that differ in the order of keys write nothing in turns', async () => {
    const [one, other] = [at('one'), at('other')];
    writeFileSync(one, `${A}\n${B}`);
    writeFileSync(other, `${B}\n${A}`);
    const first = new SealingKeyStore({ store, seal: new FileKeySeal({ file: one }) });
    await first.putInOrder();
    await new SealingKeyStore({ store, seal: new FileKeySeal({ file: other }) }).putInOrder();
    expect(await first.load()).toEqual([record]);
    expect([...countSeals(await found()).keys()]).toEqual([readSealingKeys(other)[0]!.id]);
  });

  it('whose private half a rotation took away meanwhile do not get it back', async () => {
    const before = await found();
    const { privateKey: _gone, ...former } = { ...record, retiredAt: NOW.toISOString() };
    await store.save(former);
    expect(await sealAnew(before, keysOf(A))).toEqual([]);
    expect(await store.load()).toEqual([former]);
    await store.remove(record.kid);
    expect(await sealAnew(before, keysOf(A))).toEqual([]);
    expect(await store.load()).toEqual([]);
  });
});

describe('A ring that is open', () => {
  it('seals what a rotation makes under the key that stands first by then', async () => {
    const [a] = keysOf(A);
    const open = () => openTokenSigner({ dataDir: folder.path, tracesOfFormerRuns: [], algorithm: 'ES256', clock: { now: () => new Date() }, log: SILENT, sealingKeyFile: at('sealing') });
    const signer = await open();
    const store = new FileKeyStore({ folder: at('keys'), log: SILENT });
    expect([...countSeals(recordsAtRest(await store.load(), store)).keys()]).toEqual([a!.id]);
    const [b] = keysOf(B);
    await signer.rotate();
    expect([...countSeals(recordsAtRest(await store.load(), store)).keys()]).toEqual([b!.id]);
    expect((await open()).keyId()).toBe(signer.keyId());
  });
});
