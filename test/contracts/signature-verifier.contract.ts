import { describe, expect, it } from '@jest/globals';
import { constants, createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { Certificate, SignatureAlgorithm } from '../../src/domain/certificates/certificate.ts';
import type { CertificateReader } from '../../src/ports/driven/certificate-reader.ts';
import type { SignatureVerifier } from '../../src/ports/driven/signature-verifier.ts';
import { bits, certificateDer, EC_SPKI, int, nul, oid, seq, signedDer, tagged } from '../support/der-builder.ts';

const hashOid = { sha1: '1.3.14.3.2.26', sha256: '2.16.840.1.101.3.4.2.1', sha384: '2.16.840.1.101.3.4.2.2', sha512: '2.16.840.1.101.3.4.2.3' };
const pss = (hash: keyof typeof hashOid, salt: number): Buffer => {
  const digest = seq(oid(hashOid[hash]), nul());
  return seq(oid('1.2.840.113549.1.1.10'), seq(tagged(0, digest), tagged(1, seq(oid('1.2.840.113549.1.1.8'), digest)), tagged(2, int(salt))));
};
const rsa = (last: number): Buffer => seq(oid(`1.2.840.113549.1.1.${last}`), nul());
const ecdsa = (last: string): Buffer => seq(oid(`1.2.840.10045.4.${last}`));

const keys = {
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  'P-256': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'P-384': generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  'P-521': generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  ed25519: generateKeyPairSync('ed25519'),
};
const spki = (key: KeyObject): Buffer => key.export({ format: 'der', type: 'spki' });
const PSS_PADDING = { padding: constants.RSA_PKCS1_PSS_PADDING };

/** What every SignatureVerifier promises; `reader` makes the certificates it is asked about. */
export function signatureVerifierContract(adapter: string, open: () => { subject: SignatureVerifier; reader: CertificateReader }): void {
  describe(`${adapter} keeps the promises of a SignatureVerifier`, () => {
    const { subject: verifier, reader } = open();
    const read = (der: Buffer): Certificate => {
      const answer = reader.read(der);
      if (!answer.granted) throw new Error(JSON.stringify(answer.refusal));
      return answer.value;
    };
    const withKey = (key: KeyObject): Certificate => read(certificateDer({ subjectPublicKeyInfo: spki(key) }));

    describe.each<[string, keyof typeof keys, Buffer, string | null, object]>([
      ['SHA256withRSA', 'rsa', rsa(11), 'sha256', {}],
      ['SHA384withRSA', 'rsa', rsa(12), 'sha384', {}],
      ['SHA512withRSA', 'rsa', rsa(13), 'sha512', {}],
      ['RSASSA-PSS, SHA-256', 'rsa', pss('sha256', 32), 'sha256', { ...PSS_PADDING, saltLength: 32 }],
      ['RSASSA-PSS, SHA-512, salt of 20', 'rsa', pss('sha512', 20 + 1), 'sha512', { ...PSS_PADDING, saltLength: 21 }],
      ['RSASSA-PSS, no salt', 'rsa', pss('sha384', 0), 'sha384', { ...PSS_PADDING, saltLength: 0 }],
      ['SHA256withECDSA by P-256', 'P-256', ecdsa('3.2'), 'sha256', {}],
      ['SHA384withECDSA by P-384', 'P-384', ecdsa('3.3'), 'sha384', {}],
      ['SHA512withECDSA by P-521', 'P-521', ecdsa('3.4'), 'sha512', {}],
      ['SHA512withECDSA by P-256', 'P-256', ecdsa('3.4'), 'sha512', {}],
      ['Ed25519', 'ed25519', seq(oid('1.3.101.112')), null, {}],
      ['SHA1withRSA, which is for others to refuse', 'rsa', rsa(5), 'sha1', {}],
    ])('%s', (_name, kind, algorithm, hash, options) => {
      const der = signedDer(algorithm, hash, keys[kind].privateKey, options);
      const child = read(der);
      const issuer = withKey(keys[kind].publicKey);

      it('holds for the key that made it, every time', () => {
        expect([verifier.verifies(child, issuer), verifier.verifies(child, issuer)]).toEqual([true, true]);
      });

      it('does not hold for another key of the kind, nor for keys of other kinds', () => {
        const others = Object.entries(keys).flatMap(([other, { publicKey }]) => (other === kind ? [] : [publicKey]));
        const sameKind = kind === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 1024 }) : kind === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: kind });
        for (const key of [...others, sameKind.publicKey]) expect(verifier.verifies(child, withKey(key))).toBe(false);
      });

      it('does not hold when one bit of the signed part, or of the signature, is another', () => {
        const [inSerial, inSignature] = [der.indexOf(Buffer.from('02021234', 'hex')) + 3, der.length - 1];
        for (const at of [inSerial, inSignature]) {
          const changed = Buffer.from(der);
          changed[at]! ^= 1;
          expect(verifier.verifies(read(changed), issuer)).toBe(false);
        }
      });
    });

    it('does not hold for the salt length, the digest or the padding of another algorithm', () => {
      const { privateKey, publicKey } = keys.rsa;
      const made: readonly [Buffer, string, object][] = [
        [pss('sha256', 31), 'sha256', { ...PSS_PADDING, saltLength: 32 }],
        [pss('sha256', 32), 'sha256', {}],
        [rsa(11), 'sha256', { ...PSS_PADDING, saltLength: 32 }],
        [rsa(11), 'sha512', {}],
      ];
      for (const [algorithm, hash, options] of made) {
        expect(verifier.verifies(read(signedDer(algorithm, hash, privateKey, options)), withKey(publicKey))).toBe(false);
      }
    });

    it('judges by the key that is given, not by the last one asked about', () => {
      const child = read(signedDer(ecdsa('3.2'), 'sha256', keys['P-256'].privateKey));
      const [right, wrong] = [withKey(keys['P-256'].publicKey), read(certificateDer({ subjectPublicKeyInfo: EC_SPKI }))];
      expect([wrong, right, wrong, right].map((issuer) => verifier.verifies(child, issuer))).toEqual([false, true, false, true]);
    });

    describe.each(['rsa', 'P-256', 'P-384', 'P-521', 'ed25519'] as const)('the signature of a text by %s', (kind) => {
      const { privateKey, publicKey } = keys[kind];
      const hash = kind === 'ed25519' ? null : 'sha256';
      const text = 'Y29kZQ==ä';
      const made = sign(hash, Buffer.from(text), privateKey);

      it('holds for the key that made it, over exactly this text', () => {
        const signer = withKey(publicKey);
        expect(verifier.signedText(text, made, signer)).toBe(true);
        for (const other of ['', `${text}\n`, text.toLowerCase(), 'code']) expect(verifier.signedText(other, made, signer)).toBe(false);
      });

      it('does not hold for other keys, other bytes, or none', () => {
        for (const [other, { publicKey: key }] of Object.entries(keys)) if (other !== kind) expect(verifier.signedText(text, made, withKey(key))).toBe(false);
        const changed = Buffer.from(made);
        changed[changed.length - 1]! ^= 1;
        for (const bytes of [changed, made.subarray(1), Buffer.concat([made, Buffer.of(0)]), Buffer.alloc(0)]) {
          expect(verifier.signedText(text, bytes, withKey(publicKey))).toBe(false);
        }
      });

      it('does not hold in another form: PSS, SHA-1, or r and s side by side', () => {
        const others: Buffer[] =
          kind === 'rsa'
            ? [sign('sha256', Buffer.from(text), { key: privateKey, ...PSS_PADDING }), sign('sha1', Buffer.from(text), privateKey)]
            : kind === 'ed25519'
              ? [sign(null, createHash('sha256').update(text).digest(), privateKey)]
              : [sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }), sign('sha1', Buffer.from(text), privateKey)];
        for (const bytes of others) expect(verifier.signedText(text, bytes, withKey(publicKey))).toBe(false);
      });
    });

    it('S09 answers no for a text under keys that are no keys, and does not throw', () => {
      const unsupported: Certificate = { ...withKey(keys['P-256'].publicKey), publicKey: { kind: 'unsupported', algorithm: 'DSA', spki: new Uint8Array(3) } };
      const lied: Certificate = { ...unsupported, publicKey: { kind: 'ec', curve: 'P-256', spki: new Uint8Array(9) } };
      for (const signer of [unsupported, lied]) expect(verifier.signedText('a', Buffer.alloc(64), signer)).toBe(false);
    });

    it('X14 X16 answers no to what it cannot verify, and to a signature of r = s = 0', () => {
      const issuer = withKey(keys['P-256'].publicKey);
      const spoilt = [
        certificateDer({ signature: seq(oid('1.2.3.4')), signatureAlgorithm: seq(oid('1.2.3.4')) }),
        certificateDer({ signature: seq(oid('2.16.840.1.101.3.4.3.2')), signatureAlgorithm: seq(oid('2.16.840.1.101.3.4.3.2')) }),
        ...[seq(int(0), int(0)), seq(int(1), int(0)), seq(), Buffer.alloc(0), nul()].map((value) => certificateDer({ signatureValue: bits(value) })),
      ];
      for (const der of spoilt) expect(verifier.verifies(read(der), issuer)).toBe(false);
    });

    it('S09 answers no for keys that are no keys, and does not throw', () => {
      const child = read(signedDer(ecdsa('3.2'), 'sha256', keys['P-256'].privateKey));
      const offCurve = Buffer.from(spki(keys['P-256'].publicKey));
      offCurve[offCurve.length - 1]! ^= 1;
      const unsupported = read(certificateDer({ subjectPublicKeyInfo: offCurve }));
      const lied: Certificate = { ...unsupported, publicKey: { kind: 'ec', curve: 'P-256', spki: offCurve } };
      const empty: Certificate = { ...unsupported, publicKey: { kind: 'ec', curve: 'P-256', spki: new Uint8Array() } };
      for (const issuer of [unsupported, lied, lied, empty]) expect(verifier.verifies(child, issuer)).toBe(false);
    });

    it('answers no for a certificate whose bytes are none, and does not throw', () => {
      const child = read(signedDer(ecdsa('3.2'), 'sha256', keys['P-256'].privateKey));
      const issuer = withKey(keys['P-256'].publicKey);
      const broken = [new Uint8Array(), child.der.subarray(0, 40), child.der.subarray(0, child.der.length - 1), Uint8Array.of(...child.der, 0), new Uint8Array(50).fill(0x30), new Uint8Array(9).fill(0x84)];
      for (const der of broken) expect(verifier.verifies({ ...child, der }, issuer)).toBe(false);
      const signature: SignatureAlgorithm = { scheme: 'rsa-pkcs1', hash: 'sha256', name: 'SHA256withRSA' };
      expect(verifier.verifies({ ...child, signature }, issuer)).toBe(false);
    });
  });
}
