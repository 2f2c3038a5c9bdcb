import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { generateKeyPairSync } from 'node:crypto';
import type { UploadDecoder } from '../../src/ports/driven/upload-decoder.ts';
import { certificateDer, int, pem } from '../support/der-builder.ts';

const first = certificateDer();
const second = certificateDer({ serialNumber: int(7) });
const base64 = first.toString('base64');
const inLines = (text: string, newline: string): string => text.replace(/.{64}(?=.)/g, `$&${newline}`);

/** What every UploadDecoder promises. */
export function uploadDecoderContract(adapter: string, open: () => UploadDecoder): void {
  describe(`${adapter} keeps the promises of an UploadDecoder`, () => {
    const decoder = open();
    const decode = (upload: string | Uint8Array): unknown => {
      const answer = decoder.decode(upload);
      return answer.granted ? answer.value.map((der) => Buffer.from(der).toString('base64')) : answer.refusal;
    };

    it.each<[string, string]>([
      ['PEM with newlines', pem(first)],
      ['PEM with all newlines stripped', pem(first).replaceAll('\n', '')],
      ['PEM with a space for each newline', pem(first).replaceAll('\n', ' ')],
      ['PEM with CRLF', pem(first).replaceAll('\n', '\r\n')],
      ['PEM with CR alone', pem(first).replaceAll('\n', '\r')],
      ['PEM behind a byte order mark', `\ufeff${pem(first)}`],
      ['PEM between blank lines', `\n\n  ${pem(first)}\n \t\n`],
      ['PEM of one long line', `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----`],
      ['PEM under the label X509 CERTIFICATE', pem(first, 'X509 CERTIFICATE')],
      ['bare base64 on one line', base64],
      ['bare base64 in lines', inLines(base64, '\n')],
      ['bare base64 in lines of CRLF, behind a byte order mark', `\ufeff${inLines(base64, '\r\n')}\r\n`],
    ])('X31 X32 takes %s, as a string and as bytes', (_form, text) => {
      expect(decode(text)).toEqual([base64]);
      expect(decode(Buffer.from(text, 'utf8'))).toEqual([base64]);
    });

    it('X31 takes DER', () => {
      expect(decode(first)).toEqual([base64]);
      expect(decode(new Uint8Array(first))).toEqual([base64]);
    });

    it('keeps the order of several certificates, however they are divided', () => {
      const both = [base64, second.toString('base64')];
      expect(decode(pem(first) + pem(second))).toEqual(both);
      expect(decode(pem(second) + pem(first))).toEqual([...both].reverse());
      expect(decode((pem(first) + pem(second)).replaceAll('\n', ''))).toEqual(both);
      expect(decode(`${pem(first)}\n\r\n${pem(second)}`)).toEqual(both);
    });

    it('hands over bytes of its own', () => {
      const upload = Buffer.from(first);
      const answer = decoder.decode(upload);
      upload.fill(0);
      expect(answer.granted && Buffer.from(answer.value[0]!).equals(first)).toBe(true);
    });

    it('X31 refuses an upload whole when a private key is anywhere in it, and shows none of it', () => {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const key = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
      for (const upload of [key, pem(first) + key, key + pem(first), pem(first) + pem(second) + key.replaceAll('\n', ''), `words ${key}`]) {
        expect(decode(upload)).toEqual({ code: 'anchor.private-key', evidence: { found: 'private key' } });
        expect(decode(Buffer.from(upload))).toEqual({ code: 'anchor.private-key', evidence: { found: 'private key' } });
      }
    });

    it('never throws, never grants nothing, and never repeats what it was given', () => {
      const word = fc.constantFrom('-----BEGIN CERTIFICATE-----', '-----END CERTIFICATE-----', '\n', ' ', base64, 'MIIB', '=', '-', '\ufeff', '0', 'PRIVATE', 'geheim');
      const anything = fc.oneof(fc.array(word, { maxLength: 8 }).map((words) => words.join('')), fc.string(), fc.uint8Array({ maxLength: 300 }));
      fc.assert(
        fc.property(anything, (upload) => {
          const answer = decoder.decode(upload);
          if (answer.granted) expect(answer.value.length).toBeGreaterThan(0);
          else {
            expect(answer.refusal.code).toMatch(/^anchor\./);
            expect(JSON.stringify(answer.refusal).length).toBeLessThan(200);
            expect(JSON.stringify(answer.refusal)).not.toContain('geheim');
          }
        }),
        { numRuns: 500, interruptAfterTimeLimit: 500 },
      );
    });
  });
}
