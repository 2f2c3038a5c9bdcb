import { hash } from 'node:crypto';
import type { Certificate } from '../../../domain/certificates/certificate.ts';
import type { CertificateId } from '../../../domain/revocation/ocsp-response.ts';
import { headerAt } from '../der/signed-parts.ts';

/** What an OCSP name of a certificate is made of: the issuer's name and key, as they are encoded in the issuer's own certificate. */
interface IssuerParts {
  /** The Name, with its header. */
  readonly name: Uint8Array;
  /** The bits of subjectPublicKey: without tag, length and the count of unused bits (RFC 6960 §4.1.1). */
  readonly key: Uint8Array;
}

/**
 * How an answer may name the certificate with this serial number: by SHA-1, which every responder knows, or by SHA-256. These are names
 * and prove nothing, so that the weakness of SHA-1 does no harm: what is believed is what the issuer's key signed.
 */
export function certificateIds(serialNumber: string, issuer: Certificate): readonly CertificateId[] {
  const { name, key } = partsOf(issuer);
  return (['sha1', 'sha256'] as const).map((algorithm) => ({
    ...{ hash: algorithm, serialNumber },
    ...{ issuerName: hash(algorithm, name, 'hex'), issuerKey: hash(algorithm, key, 'hex') },
  }));
}

/** KeyHash of a responderID (RFC 6960 §4.2.1). */
export const keyHash = ({ publicKey }: Certificate): string => hash('sha1', bitsOf(publicKey.spki), 'hex');

const partsOf = ({ der, publicKey }: Certificate): IssuerParts => ({ name: subjectOf(der), key: bitsOf(publicKey.spki) });

/** Of a certificate that was read before: the fifth field of tbsCertificate, behind its version (RFC 5280 §4.1). */
function subjectOf(der: Uint8Array): Uint8Array {
  const tbs = inside(der, inside(der, 0));
  let at = der[tbs] === 0xa0 ? after(der, tbs) : tbs;
  for (let field = 0; field < BEFORE_SUBJECT; field++) at = after(der, at);
  return der.subarray(at, after(der, at));
}

/** serialNumber, signature, issuer, validity. */
const BEFORE_SUBJECT = 4;

function bitsOf(spki: Uint8Array): Uint8Array {
  const bits = after(spki, inside(spki, 0));
  return spki.subarray(inside(spki, bits) + 1, after(spki, bits));
}

/** Of values that a strict reader has read: their headers are there. */
const inside = (der: Uint8Array, at: number): number => headerAt(der, at)!.content;
const after = (der: Uint8Array, at: number): number => headerAt(der, at)!.end;
