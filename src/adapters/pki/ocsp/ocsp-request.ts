import { Buffer } from 'node:buffer';
import type { CertificateId } from '../../../domain/revocation/ocsp-response.ts';
import { der, derOid, explicit, TAG } from '../mint/der-writer.ts';

export const NONCE = '1.3.6.1.5.5.7.48.1.2';
const SHA1 = '1.3.14.3.2.26';
const NULL = 0x05;

/** An OCSPRequest (RFC 6960 §4.1.1) about one certificate, unsigned, with a nonce (§4.4.1, RFC 9654 §2.1). `id` is by SHA-1. */
export function ocspRequest({ issuerName, issuerKey, serialNumber }: CertificateId, nonce: Uint8Array): Buffer {
  const id = der(
    TAG.sequence,
    der(TAG.sequence, derOid(SHA1), der(NULL)),
    der(TAG.octetString, Buffer.from(issuerName, 'hex')),
    der(TAG.octetString, Buffer.from(issuerKey, 'hex')),
    der(TAG.integer, positive(serialNumber)),
  );
  const extension = der(TAG.sequence, derOid(NONCE), der(TAG.octetString, der(TAG.octetString, nonce)));
  return der(TAG.sequence, der(TAG.sequence, der(TAG.sequence, der(TAG.sequence, id)), der(explicit(2), der(TAG.sequence, extension))));
}

function positive(hex: string): Buffer {
  const bytes = Buffer.from(hex, 'hex');
  return bytes[0]! < 0x80 ? bytes : Buffer.concat([Buffer.from([0]), bytes]);
}
