import 'reflect-metadata';
import { createHash, createPrivateKey, randomBytes, webcrypto, X509Certificate as NodeCertificate, type KeyObject } from 'node:crypto';
import { BasicConstraintsExtension, cryptoProvider, KeyUsageFlags, KeyUsagesExtension, Name, SubjectKeyIdentifierExtension, X509Certificate, X509CertificateGenerator } from '@peculiar/x509';
import { contentOf, partsOf } from '../mint/der-writer.ts';
import { cryptoKeyOf, makeKeyPair, pemOfKey } from '../mint/mint-keys.ts';
import type { ListIssuer } from './crl-der.ts';

cryptoProvider.set(webcrypto as never); // as in the mint

const YEAR_MS = 365.25 * 86_400_000;
/** Longer than any fleet lives; who wants another key removes the file. */
const VALID_FOR_MS = 30 * YEAR_MS;
/** Whoever checks the list may have a clock that is slow. */
const SLOW_CLOCK_MS = 86_400_000;

/** A key that signs the lists of one tenant, with its certificate. */
export interface CrlKey {
  readonly privateKey: KeyObject;
  /** DER. */
  readonly certificate: Uint8Array;
  readonly issuer: ListIssuer;
}

/**
 * Makes a P-256 key and its certificate, as PEM one after the other. It is a CA's, for verifiers (Go's, for one) take lists from nobody else;
 * but it may sign lists only, and nothing that it would sign as a CA is taken anywhere.
 */
export async function makeCrlKey(tenant: string, now: Date): Promise<string> {
  const { privateKey, publicKey } = await makeKeyPair('p256');
  const name = new Name([{ CN: [{ utf8String: `Revocations of ${tenant}` }] }, { O: [{ utf8String: 'Fleetgate' }] }]);
  const [, bits] = partsOf(publicKey.export({ format: 'der', type: 'spki' }));
  const certificate = await X509CertificateGenerator.create({
    serialNumber: Buffer.concat([Buffer.from([0x40]), randomBytes(15)]).toString('hex'),
    ...{ subject: name, issuer: name, notBefore: new Date(now.getTime() - SLOW_CLOCK_MS), notAfter: new Date(now.getTime() + VALID_FOR_MS) },
    publicKey: publicKey.export({ format: 'der', type: 'spki' }),
    signingKey: cryptoKeyOf(privateKey, 'SHA-256'),
    signingAlgorithm: { name: '', hash: 'SHA-256' },
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.cRLSign, true),
      // RFC 5280 §4.2.1.2 (1)
      new SubjectKeyIdentifierExtension(createHash('sha1').update(contentOf(bits!).subarray(1)).digest('hex')),
    ],
  });
  return `${pemOfKey(privateKey)}${certificate.toString('pem')}\n`;
}

/** Reads what `makeCrlKey` made. Throws where it is not that; nothing of the key is in the message. */
export function readCrlKey(pem: string): CrlKey {
  const certificate = new NodeCertificate(pem.slice(pem.indexOf('-----BEGIN CERTIFICATE-----')));
  const privateKey = createPrivateKey(pem);
  if (!certificate.checkPrivateKey(privateKey)) throw new Error('the certificate is not that of the key');
  const parsed = new X509Certificate(certificate.raw);
  const keyIdentifier = parsed.getExtension(SubjectKeyIdentifierExtension)?.keyId;
  if (keyIdentifier === undefined) throw new Error('the certificate has no subject key identifier');
  return { privateKey, certificate: new Uint8Array(certificate.raw), issuer: { name: new Uint8Array(parsed.subjectName.toArrayBuffer()), keyIdentifier: Buffer.from(keyIdentifier, 'hex') } };
}
