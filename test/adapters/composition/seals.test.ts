import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { dataInQuestion } from '../../../src/adapters/composition/care/data-in-question.ts';
import { sealsOf } from '../../../src/adapters/composition/care/seals.ts';
import { openTokenSigner } from '../../../src/adapters/signing/open-token-signer.ts';
import { sealKeysIn } from '../../../src/adapters/signing/sealed-text.ts';
import { readSealingKeys, type SealingKey } from '../../../src/adapters/signing/sealing-keys.ts';
import { keyBlock } from '../../support/key-armour.ts';
import { temporaryDirectory } from '../../support/pki.ts';

const PEM = keyBlock('MC4CAQ');
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
const [A, B] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];

describe('The doctor, about how private keys lie,', () => {
  let folder: ReturnType<typeof temporaryDirectory>;
  let a: SealingKey;
  const at = (...names: readonly string[]): string => join(folder.path, ...names);
  const has = (...lines: readonly string[]) => {
    writeFileSync(at('sealing'), lines.join('\n'));
    return readSealingKeys(at('sealing'));
  };
  const look = async (env: Readonly<Record<string, string | undefined>> = {}): Promise<readonly string[]> => {
    const data = dataInQuestion({ env: { FLEETGATE_DATA_DIR: folder.path, FLEETGATE_SEALING_KEY_FILE: at('sealing'), ...env } });
    return (await sealsOf(data)).map(({ verdict, sentence }) => `${verdict}: ${sentence}`);
  };
  beforeEach(async () => {
    folder = temporaryDirectory();
    [a] = has(A) as readonly [SealingKey];
    await openTokenSigner({ dataDir: folder.path, tracesOfFormerRuns: [], algorithm: 'ES256', clock: { now: () => new Date() }, log: SILENT, sealingKeyFile: at('sealing') });
    for (const name of ['tls', 'crl-keys']) mkdirSync(at(name));
    writeFileSync(at('tls', 'ca-key.pem'), sealKeysIn(PEM, 'tls/ca-key.pem', [a]));
  });
  afterEach(() => folder.remove());

  it('is content where all are under the first sealing key, and has nothing to say where none is named and none is sealed', async () => {
    expect(await look()).toEqual([`good: All 2 private keys are sealed under the key ${a.id}, the first in ${at('sealing')}.`]);
    writeFileSync(at('tls', 'ca-key.pem'), PEM);
    expect(await look({ FLEETGATE_SEALING_KEY_FILE: undefined })).toEqual([]);
  });

  it('names each that is under another key, or in clear', async () => {
    has(B, A);
    writeFileSync(at('crl-keys', 'main.pem'), PEM);
    expect(await look()).toEqual([
      `warning: The key ${at('crl-keys', 'main.pem')} lies in clear.`,
      `warning: The key ${at('tls', 'ca-key.pem')} is sealed under the key ${a.id}, which is not the first and must stay in the file until then.`,
      expect.stringMatching(/^warning: The key \S{43} in .*keys is sealed under the key/),
    ]);
  });

  it('names a signing key in clear once', async () => {
    const [name] = readdirSync(at('keys'));
    const record = JSON.parse(readFileSync(at('keys', name!), 'utf8')) as object;
    writeFileSync(at('keys', name!), JSON.stringify({ ...record, privateKey: PEM }));
    expect(await look()).toEqual([expect.stringMatching(/^warning: The key \S{43} in .*keys lies in clear\.$/)]);
  });

  it('names what cannot be opened, and a file of sealing keys that cannot be used', async () => {
    has(B);
    expect(await look()).toContainEqual(expect.stringMatching(/^bad: The key .*ca-key\.pem cannot be opened: it is sealed under the key [0-9a-f]{16}, which is not in the file/));
    expect(await look({ FLEETGATE_SEALING_KEY_FILE: undefined })).toEqual([expect.stringMatching(/^bad: The key .*ca-key\.pem cannot be opened: .*the setting is absent/)]);
    expect(await look({ FLEETGATE_SEALING_KEY_FILE: at('none') })).toEqual([expect.stringMatching(/^bad: The file .*none of FLEETGATE_SEALING_KEY_FILE cannot be read/)]);
  });

  it('names what a crash left or somebody put aside in clear, and not the operator’s own key', async () => {
    mkdirSync(at('keys-put-aside-1'));
    writeFileSync(at('keys-put-aside-1', 'k.json'), JSON.stringify({ privateKey: PEM }));
    writeFileSync(at('crl-keys', 'main.pem.ab12.draft'), PEM);
    for (const name of ['own-key.pem', 'own.pem']) writeFileSync(at('tls', name), PEM);
    const found = await look({ FLEETGATE_TLS_CERT: at('tls', 'own.pem'), FLEETGATE_TLS_KEY: at('tls', 'own-key.pem') });
    expect([...found].sort()).toEqual(
      [at('crl-keys', 'main.pem.ab12.draft'), at('keys-put-aside-1', 'k.json'), at('tls', 'own.pem')].map((file) => `warning: ${file} holds a private key in clear, and no server reads it.`).sort(),
    );
    expect(readFileSync(at('tls', 'own-key.pem'), 'utf8')).toBe(PEM);
  });
});
