import { sign, type KeyObject } from 'node:crypto';
import { Buffer } from 'node:buffer';
import { der, derBits, explicit, partsOf, TAG } from './der-writer.ts';
import type { Hash } from './mint-keys.ts';

/**
 * Takes the version number and the extensions out of a certificate and signs what is left: X.509 version 1 (RFC 5280 §4.1.2.1), which
 * the certificate library does not write.
 */
export function downgradeToVersion1(certificate: Uint8Array, signer: KeyObject, hash: Hash): Buffer {
  const [signed, algorithm] = partsOf(Buffer.from(certificate));
  if (!signed || !algorithm) throw new Error('A certificate has three parts: what is signed, the algorithm and the signature.');
  const fields = partsOf(signed).filter(([tag]) => tag !== explicit(0) && tag !== explicit(3));
  const rest = der(TAG.sequence, ...fields);
  const digest = signer.asymmetricKeyType === 'ed25519' ? null : hash;
  return der(TAG.sequence, rest, algorithm, derBits(sign(digest, rest, signer)));
}
