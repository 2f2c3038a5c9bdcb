import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject, type webcrypto } from 'node:crypto';
import { promisify } from 'node:util';
import type { KeyWish } from '../../../ports/driven/certificate-mint.ts';

/** What a certificate's key may be: what people may wish for, and the one that is weak on purpose. */
export type KeyKind = KeyWish | 'rsa1024';

export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export type Hash = 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512';

const generate = {
  rsa: promisify(generateKeyPair),
  ec: promisify(generateKeyPair),
};

/** Makes a key off the main thread. */
export function makeKeyPair(kind: KeyKind): Promise<KeyPair> {
  switch (kind) {
    case 'p256':
      return generate.ec('ec', { namedCurve: 'prime256v1' });
    case 'p384':
      return generate.ec('ec', { namedCurve: 'secp384r1' });
    case 'p521':
      return generate.ec('ec', { namedCurve: 'secp521r1' });
    case 'ed25519':
      return generate.ec('ed25519', {});
    case 'rsa1024':
    case 'rsa2048':
    case 'rsa4096':
      return generate.rsa('rsa', { modulusLength: Number(kind.slice(3)) });
  }
}

/** A key of the same kind and length as another: it can sign in its place, and the signature looks right until it is checked. */
export function makeKeyPairLike(key: KeyObject): Promise<KeyPair> {
  const { namedCurve, modulusLength } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'ec') return generate.ec('ec', { namedCurve: namedCurve ?? 'prime256v1' });
  if (key.asymmetricKeyType === 'rsa') return generate.rsa('rsa', { modulusLength: modulusLength ?? 2048 });
  return makeKeyPair('ed25519');
}

export const readKeyPair = (pem: string): KeyPair => ({ privateKey: createPrivateKey(pem), publicKey: createPublicKey(pem) });

export const pemOfKey = (key: KeyObject): string => key.export({ format: 'pem', type: 'pkcs8' }).toString();

const CURVES: Readonly<Record<string, { readonly name: string; readonly hash: Hash }>> = {
  prime256v1: { name: 'P-256', hash: 'SHA-256' },
  secp384r1: { name: 'P-384', hash: 'SHA-384' },
  secp521r1: { name: 'P-521', hash: 'SHA-512' },
};

/** The hash that goes with a key: as strong as the curve, SHA-256 for RSA. Ed25519 has its own inside. */
export const hashFor = (key: KeyObject): Hash => CURVES[key.asymmetricKeyDetails?.namedCurve ?? '']?.hash ?? 'SHA-256';

/** The key as WebCrypto, and with it the certificate library, wants it. */
export function cryptoKeyOf(key: KeyObject, hash: Hash): webcrypto.CryptoKey {
  const usages: webcrypto.KeyUsage[] = [key.type === 'private' ? 'sign' : 'verify'];
  switch (key.asymmetricKeyType) {
    case 'ec':
      return key.toCryptoKey({ name: 'ECDSA', namedCurve: CURVES[key.asymmetricKeyDetails?.namedCurve ?? '']?.name ?? '' }, true, usages);
    case 'ed25519':
      return key.toCryptoKey({ name: 'Ed25519' }, true, usages);
    default:
      return key.toCryptoKey({ name: 'RSASSA-PKCS1-v1_5', hash }, true, usages);
  }
}
