import { describe, expect, it } from '@jest/globals';
import { constants, generateKeyPairSync } from 'node:crypto';
import { ForgeCertificateReader } from '../../../src/adapters/pki/forge-certificate-reader.ts';
import { NodeSignatureVerifier } from '../../../src/adapters/pki/node-signature-verifier.ts';
import { signatureVerifierContract } from '../../contracts/signature-verifier.contract.ts';
import { certificateDer, EC_SPKI, int, nul, oid, seq, signedDer, tagged } from '../../support/der-builder.ts';

const reader = new ForgeCertificateReader();
signatureVerifierContract('NodeSignatureVerifier', () => ({ subject: new NodeSignatureVerifier(), reader }));

/** Node wants a number; its types say text. */
const SALT = 32 as unknown as string;

const read = (der: Uint8Array) => {
  const answer = reader.read(der);
  if (!answer.granted) throw new Error(JSON.stringify(answer.refusal));
  return answer.value;
};

describe('NodeSignatureVerifier', () => {
  it('holds an RSASSA-PSS key to its own parameters', () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa-pss', { modulusLength: 2048, hashAlgorithm: 'sha256', mgf1HashAlgorithm: 'sha256', saltLength: SALT });
    const digest = (n: number) => seq(oid(`2.16.840.1.101.3.4.2.${n}`), nul());
    const pss = (n: number, salt: number) => seq(oid('1.2.840.113549.1.1.10'), seq(tagged(0, digest(n)), tagged(1, seq(oid('1.2.840.113549.1.1.8'), digest(n))), tagged(2, int(salt))));
    const issuer = read(certificateDer({ subjectPublicKeyInfo: publicKey.export({ format: 'der', type: 'spki' }) }));
    expect(issuer.publicKey).toMatchObject({ kind: 'rsa', bits: 2048 });
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    const child = read(signedDer(pss(1, 32), 'sha256', privateKey, { padding, saltLength: 32 }));
    const verifier = new NodeSignatureVerifier();
    expect(verifier.verifies(child, issuer)).toBe(true);
    const asPkcs1 = { ...child, signature: { scheme: 'rsa-pkcs1', hash: 'sha256', name: 'SHA256withRSA' } } as const;
    expect(verifier.verifies(asPkcs1, issuer)).toBe(false);
    const otherDigest = { ...child, signature: { scheme: 'rsa-pss', hash: 'sha512', saltLength: 32, name: 'RSASSA-PSS' } } as const;
    expect(verifier.verifies(otherDigest, issuer)).toBe(false);
  });

  it('goes on giving right answers when more issuers were seen than it keeps keys of', () => {
    const verifier = new NodeSignatureVerifier();
    const child = read(certificateDer());
    const issuer = read(certificateDer({ subjectPublicKeyInfo: EC_SPKI }));
    expect(verifier.verifies(child, issuer)).toBe(true);
    for (let n = 0; n < 1_100; n++) {
      const stranger = { ...issuer, publicKey: { kind: 'ec', curve: 'P-256', spki: Uint8Array.of(n >> 8, n & 255) } } as const;
      expect(verifier.verifies(child, stranger)).toBe(false);
    }
    expect(verifier.verifies(child, issuer)).toBe(true);
  });
});
