import { describe, expect, it } from '@jest/globals';
import { ForgeCertificateReader } from '../../../src/adapters/pki/forge-certificate-reader.ts';
import { NodeSignatureVerifier } from '../../../src/adapters/pki/node-signature-verifier.ts';
import { RememberingCertificateReader } from '../../../src/adapters/pki/remembering-certificate-reader.ts';
import { certificateReaderContract } from '../../contracts/certificate-reader.contract.ts';
import { signatureVerifierContract } from '../../contracts/signature-verifier.contract.ts';
import { certificateDer, int } from '../../support/der-builder.ts';

const anew = () => new RememberingCertificateReader({ reader: new ForgeCertificateReader() });
certificateReaderContract('RememberingCertificateReader', anew);
// What is remembered of a signature hangs on the certificates that the reader gives again.
signatureVerifierContract('NodeSignatureVerifier over a RememberingCertificateReader', () => ({ subject: new NodeSignatureVerifier(), reader: anew() }));

describe('RememberingCertificateReader', () => {
  const counting = () => {
    const reader = new ForgeCertificateReader();
    const counted = { asked: 0, read: (der: Uint8Array) => (counted.asked++, reader.read(der)) };
    return { counted, subject: new RememberingCertificateReader({ reader: counted }) };
  };
  const der = certificateDer();

  it('reads the same bytes once and gives the same certificate again, whoever holds them', () => {
    const { counted, subject } = counting();
    const [first, second] = [subject.read(der), subject.read(new Uint8Array(der))];
    expect(first.granted && second.granted && first.value === second.value).toBe(true);
    expect(counted.asked).toBe(1);
  });

  it('keeps what it has good cause to keep: no malformed certificate, and none above 4 KiB', () => {
    const { counted, subject } = counting();
    const large = Buffer.alloc(4 * 1024 + 1, 0x30);
    for (const bytes of [der.subarray(1), large]) for (const _ of [1, 2]) subject.read(bytes);
    expect(counted.asked).toBe(4);
  });

  it('forgets the one that was not asked for longest when a thousand others were', () => {
    const { counted, subject } = counting();
    const many = Array.from({ length: 1_001 }, (_, n) => certificateDer({ serialNumber: int(n + 1) }));
    const read = (n: number): number => (subject.read(many[n]!), counted.asked);
    for (let n = 0; n < 1_000; n++) read(n);
    expect([read(0), read(1_000), read(0), read(1)]).toEqual([1_000, 1_001, 1_001, 1_002]);
  });
});
