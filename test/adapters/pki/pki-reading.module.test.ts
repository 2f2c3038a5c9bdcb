import 'reflect-metadata';
import { expect, it } from '@jest/globals';
import { Container } from 'inversify';
import { CertificateReader } from '../../../src/ports/driven/certificate-reader.ts';
import { SignatureVerifier } from '../../../src/ports/driven/signature-verifier.ts';
import { UploadDecoder } from '../../../src/ports/driven/upload-decoder.ts';
import { pkiReadingModule } from '../../../src/adapters/pki/pki-reading.module.ts';
import { EC_SPKI, certificateDer, pem } from '../../support/der-builder.ts';

it('the module provides a decoder, a reader and a verifier that work with each other', async () => {
  const container = new Container();
  container.load(pkiReadingModule);
  const decoder = await container.getAsync<UploadDecoder>(UploadDecoder);
  const reader = await container.getAsync<CertificateReader>(CertificateReader);
  const verifier = await container.getAsync<SignatureVerifier>(SignatureVerifier);
  const decoded = decoder.decode(pem(certificateDer({ subjectPublicKeyInfo: EC_SPKI })));
  const read = decoded.granted && reader.read(decoded.value[0]!);
  expect(read && read.granted && verifier.verifies(read.value, read.value)).toBe(true);
});
