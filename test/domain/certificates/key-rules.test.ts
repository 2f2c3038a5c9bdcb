import { describe, expect, it } from '@jest/globals';
import type { PublicKey, SignatureAlgorithm } from '../../../src/domain/certificates/certificate.ts';
import { hasFormOf, isAcceptedKey, isAcceptedSignature, keyText, signatureUnits } from '../../../src/domain/certificates/key-rules.ts';
import { aCertificate, aKey, aSignature } from '../../support/certificate-builders.ts';

const spki = new Uint8Array();
const ec = (curve: 'P-256' | 'P-384' | 'P-521'): PublicKey => ({ kind: 'ec', curve, spki });
const ED25519: PublicKey = { kind: 'ed25519', spki };
const DSA: PublicKey = { kind: 'unsupported', algorithm: 'DSA', spki };

/** In units: what a check costs. */
const KEYS: readonly [text: string, key: PublicKey, accepted: boolean, units: number][] = [
  ['RSA 2047 with exponent 3', aKey({ bits: 2047 }), false, 1],
  ['RSA 2048 with exponent 3', aKey(), true, 1],
  ['RSA 2048 with exponent 65537', aKey({ exponent: 65_537n }), true, 1],
  ['RSA 2048 with exponent 65539', aKey({ exponent: 65_539n }), true, 6],
  ['RSA 2048 with exponent 4294967295', aKey({ exponent: 0xffff_ffffn }), true, 6],
  ['RSA 2048 with exponent beyond 32 bits', aKey({ exponent: 0x1_0000_0001n }), true, 6],
  ['RSA 2048 with exponent 1', aKey({ exponent: 1n }), false, 1],
  ['RSA 2048 with exponent 2', aKey({ exponent: 2n }), false, 1],
  ['RSA 2049 with exponent 3', aKey({ bits: 2049 }), true, 2],
  ['RSA 8192 with exponent 3', aKey({ bits: 8192 }), true, 4],
  ['RSA 8193 with exponent 3', aKey({ bits: 8193 }), false, 5],
  ['RSA 0 with exponent 3', aKey({ bits: 0 }), false, 1],
  ['P-256', ec('P-256'), true, 1],
  ['P-384', ec('P-384'), true, 10],
  ['P-521', ec('P-521'), true, 22],
  ['Ed25519', ED25519, true, 1],
  ['DSA', DSA, false, 1],
];

describe('D-9 A key', () => {
  it.each(KEYS)('X14 %s', (text, publicKey, accepted, units) => {
    expect([keyText(aCertificate({ publicKey })), isAcceptedKey(publicKey), signatureUnits(publicKey)]).toEqual([text, accepted, units]);
  });
});

describe('D-9 A signature', () => {
  it.each<[what: string, algorithm: Partial<SignatureAlgorithm>, accepted: boolean]>([
    ['SHA-256 with RSA', {}, true],
    ['SHA-384 with RSA-PSS', { scheme: 'rsa-pss', hash: 'sha384' }, true],
    ['SHA-512 with ECDSA', { scheme: 'ecdsa', hash: 'sha512' }, true],
    ['SHA-224 with ECDSA', { scheme: 'ecdsa', hash: 'sha224' }, false],
    ['SHA-1 with RSA', { hash: 'sha1' }, false],
    ['MD5 with RSA', { hash: 'md5' }, false],
    ['an unknown one, though its digest is a good one', { scheme: 'unknown' }, false],
  ])('X14 of %s', (_what, algorithm, accepted) => {
    expect(isAcceptedSignature(aSignature(algorithm))).toBe(accepted);
  });

  it('of Ed25519 brings its own digest', () => {
    expect(isAcceptedSignature({ scheme: 'ed25519', name: 'Ed25519' })).toBe(true);
  });

  it.each<[what: string, key: PublicKey, signature: Partial<SignatureAlgorithm>, signatureBytes: number | undefined, fits: boolean]>([
    ['of unknown length may be anybody’s', DSA, {}, undefined, true],
    ['of 104 bytes by P-384', ec('P-384'), { scheme: 'ecdsa' }, 104, true],
    ['of 139 bytes by P-521', ec('P-521'), { scheme: 'ecdsa' }, 139, true],
    ['of 104 bytes by P-521', ec('P-521'), { scheme: 'ecdsa' }, 104, false],
    ['of 64 bytes of ECDSA by Ed25519', ED25519, { scheme: 'ecdsa' }, 64, false],
    ['of any length by a key that is not accepted', DSA, {}, 256, false],
  ])('%s has its form or has not', (_what, key, signature, signatureBytes, fits) => {
    const bytes = signatureBytes === undefined ? {} : { signatureBytes };
    expect(hasFormOf(key, { signature: aSignature(signature), ...bytes })).toBe(fits);
  });
});
