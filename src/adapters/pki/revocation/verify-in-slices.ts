import { constants, createPublicKey, createVerify, verify, type VerifyKeyObjectInput } from 'node:crypto';
import type { Certificate } from '../../../domain/certificates/certificate.ts';
import type { RevocationList } from '../../../domain/revocation/revocation-list.ts';
import type { Pause } from '../../../ports/driven/pause.ts';
import type { ListOutline } from './list-outline.ts';
import { HASH_SLICE } from './slices.ts';

interface Asked {
  readonly list: RevocationList;
  readonly der: Buffer;
  readonly outline: ListOutline;
  readonly issuer: Certificate;
  readonly pause: Pause;
}

export const KEY_KIND = { 'rsa-pkcs1': 'rsa', 'rsa-pss': 'rsa', ecdsa: 'ec', ed25519: 'ed25519' } as const;

/** Verifies by OpenSSL over the bytes as received; `false` for every key, algorithm or signature that it does not take. */
export async function verifyInSlices({ list: { signature }, der, outline, issuer, pause }: Asked): Promise<boolean> {
  if (signature.scheme === 'unknown' || KEY_KIND[signature.scheme] !== issuer.publicKey.kind) return false;
  const signed = der.subarray(outline.signed.start, outline.signed.end);
  try {
    const key = createPublicKey({ key: Buffer.from(issuer.publicKey.spki), format: 'der', type: 'spki' });
    if (signature.scheme === 'ed25519') return await verifyAtOnce(signed, key, outline.signature);
    const stream = createVerify(signature.hash!);
    for (let at = 0; at < signed.length; at += HASH_SLICE) {
      stream.update(signed.subarray(at, at + HASH_SLICE));
      await pause();
    }
    return stream.verify({ key, ...optionsOf(signature) }, outline.signature);
  } catch {
    return false;
  }
}

/** In a thread of Node's pool. */
const verifyAtOnce = (signed: Buffer, key: VerifyKeyObjectInput['key'], signature: Uint8Array): Promise<boolean> =>
  new Promise((resolve) => verify(null, signed, key, signature, (error, good) => resolve(error === null && good)));

export function optionsOf({ scheme, saltLength }: RevocationList['signature']): Omit<VerifyKeyObjectInput, 'key'> {
  if (scheme === 'rsa-pkcs1') return { padding: constants.RSA_PKCS1_PADDING };
  if (scheme === 'rsa-pss') return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: saltLength! };
  return { dsaEncoding: 'der' };
}
