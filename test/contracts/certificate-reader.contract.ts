import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { generateKeyPairSync } from 'node:crypto';
import type { CertificateReader } from '../../src/ports/driven/certificate-reader.ts';
import { certificateDer, extension, extensions, name, octets, seq, tagged, text, tlv, utf8 } from '../support/der-builder.ts';

/** What every CertificateReader promises, whatever it is built on. */
export function certificateReaderContract(adapter: string, open: () => CertificateReader): void {
  describe(`${adapter} keeps the promises of a CertificateReader`, () => {
    const reader = open();

    it('reads a certificate and returns exactly its bytes', () => {
      const der = certificateDer();
      const answer = reader.read(der);
      expect(answer.granted && Buffer.from(answer.value.der).equals(der)).toBe(true);
    });

    it('gives the same answer for the same bytes, good or bad', () => {
      for (const der of [certificateDer(), certificateDer().subarray(1)]) expect(reader.read(der)).toEqual(reader.read(Buffer.from(der)));
    });

    it('keeps nothing of the caller’s buffer: what was read stays as it was when the buffer is used again', () => {
      const der = certificateDer();
      const window = Buffer.concat([Buffer.alloc(3), der, Buffer.alloc(9)]);
      const answer = reader.read(window.subarray(3, 3 + der.length));
      window.fill(0);
      expect(answer).toEqual(reader.read(der));
    });

    it('refuses bytes that are cut at any place', () => {
      const der = certificateDer();
      for (let length = 0; length < der.length; length++) {
        expect(reader.read(der.subarray(0, length))).toMatchObject({ granted: false, refusal: { code: 'chain.not-der' } });
      }
    });

    it('X16 never throws and never reads twice differently, whatever the bytes', () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
          expect(reader.read(bytes).granted).toBe(false);
        }),
        { numRuns: 500, interruptAfterTimeLimit: 500 },
      );
    });

    it('X16 refuses a damaged certificate, or reads what its bytes say, but never throws', () => {
      fc.assert(
        fc.property(fc.constantFrom(...SPECIMENS), fc.array(damage, { minLength: 1, maxLength: 3 }), (der, damages) => {
          const damaged = damages.reduce((bytes, spoil) => spoil(bytes), der);
          const answer = reader.read(damaged);
          if (!answer.granted) {
            expect(answer.refusal.code).toMatch(/^chain\./);
            expect(JSON.stringify(answer.refusal).length).toBeLessThan(300);
            expect(answer.refusal.evidence).not.toMatchObject({ problem: 'could not be read' });
            return;
          }
          expect(Buffer.from(answer.value.der).equals(damaged)).toBe(true);
          expect(reader.read(answer.value.der)).toEqual(answer);
        }),
        { numRuns: 4_000, interruptAfterTimeLimit: 1_500 },
      );
    });
  });
}

const rsaSpki = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'der', type: 'spki' });
const ed25519Spki = generateKeyPairSync('ed25519').publicKey.export({ format: 'der', type: 'spki' });

/** Between them they use every part of the grammar. */
const SPECIMENS: readonly Buffer[] = [
  certificateDer(),
  certificateDer({ version: Buffer.alloc(0), extensions: Buffer.alloc(0), subjectPublicKeyInfo: rsaSpki }),
  certificateDer({
    version: tagged(0, '020101'),
    extensions: Buffer.alloc(0),
    uniqueIdentifiers: Buffer.concat([tlv(0x81, '0042'), tlv(0x82, '0042')]),
    subjectPublicKeyInfo: ed25519Spki,
  }),
  certificateDer({
    subject: name(['2.5.4.3', tlv(0x1e, '00410042')], ['2.5.4.11', text(0x14, 'x\u00fc')], ['2.5.4.4', tlv(0x1c, '0001f600')], ['2.5.4.10', utf8('Wörks')]),
    extensions: extensions(extension('1.3.6.1.4.1.99999.1', seq(octets('00'), tlv(0x0d, '01'), tlv(0x0a, '01'), tlv(0x09, '03')))),
  }),
];

type Damage = (bytes: Buffer) => Buffer;

const anywhere = fc.double({ min: 0, max: 0.999999, noNaN: true });
const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.tuple(anywhere, fc.nat(255)).map(([place, value]): Damage => (bytes) => {
    const copy = Buffer.from(bytes);
    if (copy.length > 0) copy[Math.floor(place * copy.length)] = value;
    return copy;
  }),
  fc.tuple(anywhere, fc.nat(7)).map(([place, bit]): Damage => (bytes) => {
    const copy = Buffer.from(bytes);
    if (copy.length > 0) copy[Math.floor(place * copy.length)]! ^= 1 << bit;
    return copy;
  }),
  fc.tuple(anywhere, fc.uint8Array({ maxLength: 4 })).map(([place, more]): Damage => (bytes) => {
    const at = Math.floor(place * bytes.length);
    return Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)]);
  }),
  fc.tuple(anywhere, fc.nat(4)).map(([place, count]): Damage => (bytes) => {
    const at = Math.floor(place * bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + count)]);
  }),
);
