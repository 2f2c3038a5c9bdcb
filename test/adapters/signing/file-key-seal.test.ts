import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FileKeySeal } from '../../../src/adapters/signing/file-key-seal.ts';
import { seal } from '../../../src/adapters/signing/sealing-keys.ts';
import { keySealContract } from '../../contracts/key-seal.contract.ts';
import { keyBlock } from '../../support/key-armour.ts';
import { temporaryDirectory } from '../../support/pki.ts';

const PEM = keyBlock('MC4CAQ');

keySealContract('FileKeySeal with a file', true, async () => {
  const folder = temporaryDirectory();
  writeFileSync(join(folder.path, 'keys'), randomBytes(32).toString('base64'));
  return { subject: new FileKeySeal({ file: join(folder.path, 'keys') }), close: async () => folder.remove() };
});
keySealContract('FileKeySeal without a file', false, async () => ({ subject: new FileKeySeal({}), close: async () => undefined }));

describe('FileKeySeal', () => {
  const [former, next] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
  let folder: ReturnType<typeof temporaryDirectory>;
  let file: string;
  const has = (...lines: readonly string[]): void => writeFileSync(file, lines.join('\n'));
  beforeEach(() => {
    folder = temporaryDirectory();
    file = join(folder.path, 'keys');
    has(former);
  });
  afterEach(() => folder.remove());

  it('seals under what stands first in the file by then, and opens what was sealed before', () => {
    const subject = new FileKeySeal({ file });
    const before = subject.close(PEM, 'a');
    has(next, former);
    const after = subject.close(PEM, 'a');
    has(next);
    const later = new FileKeySeal({ file });
    expect(later.open(after, 'a')).toBe(PEM);
    expect(() => later.open(before, 'a')).toThrow(/sealed under the key [0-9a-f]{16}, which is not in the file/);
  });

  it.each<[string, () => void]>([
    ['is gone', () => rmSync(file)],
    ['holds half a key', () => has(next.slice(0, 20))],
  ])('goes on by what it read before while the file %s, and does not begin with that', (_what, spoil) => {
    const subject = new FileKeySeal({ file });
    spoil();
    expect(subject.open(subject.close(PEM, 'a'), 'a')).toBe(PEM);
    expect(() => new FileKeySeal({ file })).toThrow(file);
  });

  it('opens what an earlier Fleetgate sealed: the text as a whole', () => {
    const subject = new FileKeySeal({ file });
    expect(subject.open(seal(PEM, 'kid-1', subject.keys()[0]!), 'kid-1')).toBe(PEM);
  });
});
