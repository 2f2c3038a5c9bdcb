import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FileKeySeal } from '../../../src/adapters/signing/file-key-seal.ts';
import { openKeyRing } from '../../../src/adapters/signing/key-ring.ts';
import { MemoryKeyStore } from '../../../src/adapters/signing/key-store.ts';
import { openTokenSigner } from '../../../src/adapters/signing/open-token-signer.ts';
import { SealingKeyStore } from '../../../src/adapters/signing/sealing-key-store.ts';
import { readSealingKeys, seal, unseal } from '../../../src/adapters/signing/sealing-keys.ts';

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

describe('Signing keys at rest', () => {
  let dataDir: string;
  const file = (): string => join(dataDir, 'sealing-keys');
  const [first, second] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
  const has = (...lines: string[]): void => writeFileSync(file(), `# ours\n${lines.join('\n')}\n`, { mode: 0o600 });
  const open = (sealed = true) => openTokenSigner({ dataDir, tracesOfFormerRuns: [], algorithm: 'ES256', clock: { now: () => new Date() }, log: SILENT, sealingKeyFile: sealed ? file() : undefined });
  const stored = (): string => readdirSync(join(dataDir, 'keys')).map((name) => readFileSync(join(dataDir, 'keys', name), 'utf8')).join('\n');
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'fleetgate-seal-'));
    chmodSync(dataDir, 0o700);
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  it('are sealed from the first one on, opened by the same key, and sealed when they rotate', async () => {
    has(first);
    const kid = (await open()).keyId();
    expect(stored()).not.toContain('PRIVATE KEY');
    const signer = await open();
    expect(signer.keyId()).toBe(kid);
    await signer.rotate();
    expect(stored()).not.toContain('PRIVATE KEY');
    expect((await open()).keyId()).toBe(signer.keyId());
  });

  it('that lie in clear are sealed at the next start, and under another key when that stands first', async () => {
    const kid = (await open(false)).keyId();
    expect(stored()).toContain('PRIVATE KEY');
    has(first);
    expect((await open()).keyId()).toBe(kid);
    expect(stored()).not.toContain('PRIVATE KEY');
    has(second, first);
    expect((await open()).keyId()).toBe(kid);
    has(second);
    expect((await open()).keyId()).toBe(kid);
  });

  it.each<[string, () => void, boolean, RegExp]>([
    ['another key', () => has(second), true, /sealed under the key [0-9a-f]{16}, which is not in the file of FLEETGATE_SEALING_KEY_FILE/],
    ['no setting', () => undefined, false, /the setting is absent/],
    ['no file', () => rmSync(file()), true, /cannot be read/],
    ['an empty file', () => writeFileSync(file(), '\n'), true, /holds no key\. Make one with: openssl rand/],
    ['half a key', () => has(first.slice(0, 20)), true, /Key 1 in .* is not the base64 of 32 bytes/],
  ])('stay as they are with %s, and the start ends with a sentence that tells no key', async (_what, spoil, sealed, sentence) => {
    has(first);
    await open();
    const before = stored();
    spoil();
    const error = await open(sealed).then(() => new Error('it started'), (failed: Error) => failed);
    expect(error.message).toMatch(sentence);
    expect([first, second].filter((key) => error.message.includes(key.slice(0, 12)))).toEqual([]);
    expect(stored()).toBe(before);
  });

  it('are sealed anew at a start alone, and not whenever another process looks for news', async () => {
    has(first, second);
    writeFileSync(`${file()}-there`, `${second}\n${first}\n`);
    const store = new MemoryKeyStore();
    const ringOf = (sealing: string) =>
      openKeyRing({ store: new SealingKeyStore({ store, seal: new FileKeySeal({ file: sealing }) }), clock: { now: () => new Date() }, algorithm: 'ES256', ranBefore: false, settleMs: 0 });
    const here = await ringOf(file());
    const there = await ringOf(`${file()}-there`);
    const { kid } = await there.rotate();
    const before = await store.load();
    await here.catchUp();
    expect([here.find(kid)?.kid, await store.load()]).toEqual([kid, before]);
  });

  it('open for their own record only, and not when a byte was changed', () => {
    has(first);
    const keys = readSealingKeys(file());
    const sealed = seal('secret', 'kid-1', keys[0]!);
    expect(unseal(sealed, 'kid-1', keys)).toBe('secret');
    expect(() => unseal(sealed, 'kid-2', keys)).toThrow('its seal is broken');
    const last = sealed.at(-2) === 'A' ? 'B' : 'A';
    expect(() => unseal(`${sealed.slice(0, -2)}${last}${sealed.at(-1)}`, 'kid-1', keys)).toThrow('its seal is broken');
    expect(seal('secret', 'kid-1', keys[0]!)).not.toBe(sealed);
  });
});
