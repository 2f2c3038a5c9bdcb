import type { Certificate, PublicKey, SignatureAlgorithm } from './certificate.ts';

/** D-9, RSA key lengths in bits, both ends included. Below is factorable, above costs the verifier too much. */
export const RSA_BITS = { least: 2048, most: 8192 } as const;

/** Whether a key may stand anywhere in a path (D-9). */
export function isAcceptedKey(key: PublicKey): boolean {
  switch (key.kind) {
    case 'rsa':
      return key.bits >= RSA_BITS.least && key.bits <= RSA_BITS.most && key.exponent > 1n && key.exponent % 2n === 1n;
    case 'ec':
    case 'ed25519':
      return true;
    case 'unsupported':
      return false;
  }
}

/** Which of the keys of D-9 a tenant takes: RSA of at least so many bits (undefined: none), and those of these curves. */
export interface KeyChoice {
  readonly rsaBits: number | undefined;
  readonly curves: readonly string[];
}

/** Whether a tenant takes a key. It can take fewer than D-9 does, and no other. */
export function isChosenKey(key: PublicKey, { rsaBits, curves }: KeyChoice): boolean {
  switch (key.kind) {
    case 'rsa':
      return rsaBits !== undefined && key.bits >= rsaBits;
    case 'ec':
      return curves.includes(key.curve);
    case 'ed25519':
      return curves.includes('Ed25519');
    case 'unsupported':
      return false;
  }
}

/** For evidence: `RSA 3072 P-384`, or `none`. */
export const keyChoiceText = ({ rsaBits, curves }: KeyChoice): string => [...(rsaBits === undefined ? [] : [`RSA ${rsaBits}`]), ...curves].join(', ') || 'none';

/** Whether a signature of this algorithm counts (D-9): SHA-2 only, and nothing that we do not verify. */
export function isAcceptedSignature({ scheme, hash }: SignatureAlgorithm): boolean {
  if (scheme === 'ed25519') return true;
  return scheme !== 'unknown' && (hash === 'sha256' || hash === 'sha384' || hash === 'sha512');
}

/** Cost of one signature check by a key, in units of D-11: what a P-256 check costs is 1. A long RSA exponent makes it six times as dear. */
export function signatureUnits(key: PublicKey): number {
  if (key.kind === 'ec') return { 'P-256': 1, 'P-384': 10, 'P-521': 22 }[key.curve];
  if (key.kind === 'rsa') return Math.max(1, Math.ceil(key.bits / 2048)) * (key.exponent > USUAL_EXPONENT ? 6 : 1);
  return 1;
}

const USUAL_EXPONENT = 65_537n;

/** The longest DER of an ECDSA signature: two INTEGERs as large as the curve's order. */
const LONGEST_ECDSA = { 'P-256': 72, 'P-384': 104, 'P-521': 139 } as const;
const SHORTEST_ECDSA = { 'P-256': 0, 'P-384': 73, 'P-521': 105 } as const;

/**
 * Whether a signature has the form of those that a key makes, so that a check of it is worth its cost. A tenant's dear keys under
 * another's name thus cost that other's devices nothing. A P-384 signature as short as one by P-256 exists once in 2^240.
 */
export function hasFormOf(key: PublicKey, { signature: { scheme }, signatureBytes: bytes }: Pick<Certificate, 'signature' | 'signatureBytes'>): boolean {
  if (bytes === undefined) return true;
  switch (key.kind) {
    case 'rsa':
      return (scheme === 'rsa-pkcs1' || scheme === 'rsa-pss') && bytes === Math.ceil(key.bits / 8);
    case 'ec':
      return scheme === 'ecdsa' && bytes >= SHORTEST_ECDSA[key.curve] && bytes <= LONGEST_ECDSA[key.curve];
    case 'ed25519':
      return scheme === 'ed25519' && bytes === 64;
    case 'unsupported':
      return false;
  }
}

/** For evidence: `RSA 1024`, `P-256`, `Ed25519`, `DSA`. */
export function keyText({ publicKey }: Certificate): string {
  switch (publicKey.kind) {
    case 'rsa':
      return `RSA ${publicKey.bits} with exponent ${publicKey.exponent > 0xffff_ffffn ? 'beyond 32 bits' : publicKey.exponent}`;
    case 'ec':
      return publicKey.curve;
    case 'ed25519':
      return 'Ed25519';
    case 'unsupported':
      return publicKey.algorithm;
  }
}
