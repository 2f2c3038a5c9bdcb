import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { KeySeal } from '../../src/ports/driven/key-seal.ts';
import type { Opened } from './opened.ts';

const pem = (): string => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

/** What every KeySeal promises. `open` hands over one; `seals`: whether the operator named a sealing key. */
export function keySealContract(name: string, seals: boolean, open: () => Promise<Opened<KeySeal>>): void {
  describe(`${name} keeps the promises of a KeySeal`, () => {
    let opened: Opened<KeySeal>;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    it('closes the private keys in a text and nothing else, and opens them again, letter by letter', () => {
      const { subject } = opened;
      const [one, other] = [pem(), pem()];
      const text = `before\n${one}${CERTIFICATE}${other.trimEnd()}`;
      const closed = subject.close(text, 'a');
      expect(closed.includes('PRIVATE KEY')).toBe(!seals);
      expect([one, other].map((key) => closed.includes(key.split('\n')[1]!))).toEqual([!seals, !seals]);
      expect(closed).toContain(CERTIFICATE);
      expect(closed.startsWith('before\n')).toBe(true);
      expect(subject.open(closed, 'a')).toBe(text);
      expect(subject.open(subject.close(closed, 'a'), 'a')).toBe(text);
    });

    it.each(['', 'junk', CERTIFICATE])('leaves a text without a private key as it is: %j', (text) => {
      expect([opened.subject.close(text, 'a'), opened.subject.open(text, 'a')]).toEqual([text, text]);
    });

    it('opens what lies in clear as it is', () => {
      const text = `${pem()}${CERTIFICATE}`;
      expect(opened.subject.open(text, 'a')).toBe(text);
    });

    if (!seals) return;
    it('opens about the same thing only, and not after a change, with a sentence that tells no key', () => {
      const { subject } = opened;
      const text = pem();
      const closed = subject.close(text, 'a');
      const changed = `${closed.slice(0, -6)}${closed.at(-6) === 'A' ? 'B' : 'A'}${closed.slice(-5)}`;
      for (const attempt of [() => subject.open(closed, 'b'), () => subject.open(changed, 'a')]) {
        expect(attempt).toThrow('its seal is broken');
        expect(attempt).not.toThrow(text.split('\n')[1]!);
      }
    });
  });
}
