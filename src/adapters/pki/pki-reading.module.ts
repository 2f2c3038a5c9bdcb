import { ContainerModule } from 'inversify';
import { CertificateReader } from '../../ports/driven/certificate-reader.ts';
import { OcspMessages } from '../../ports/driven/ocsp-messages.ts';
import { Pause } from '../../ports/driven/pause.ts';
import { RevocationListReader } from '../../ports/driven/revocation-list-reader.ts';
import { SignatureVerifier } from '../../ports/driven/signature-verifier.ts';
import { UploadDecoder } from '../../ports/driven/upload-decoder.ts';
import { provide } from '../composition/provide.ts';
import { ForgeCertificateReader } from './forge-certificate-reader.ts';
import { NodeSignatureVerifier } from './node-signature-verifier.ts';
import { DerOcspMessages } from './ocsp/der-ocsp-messages.ts';
import { PemOrDerUploadDecoder } from './pem-or-der-upload-decoder.ts';
import { RememberingCertificateReader } from './remembering-certificate-reader.ts';
import { SlicedRevocationListReader } from './revocation/sliced-revocation-list-reader.ts';

/** Everything that reads certificates and checks their signatures. None of it keeps a secret. */
export const pkiReadingModule = new ContainerModule((options) => {
  provide(options, CertificateReader, {}, () => new RememberingCertificateReader({ reader: new ForgeCertificateReader() }));
  provide(options, SignatureVerifier, {}, () => new NodeSignatureVerifier());
  provide(options, RevocationListReader, { pause: Pause }, (needs) => new SlicedRevocationListReader(needs));
  provide(options, OcspMessages, {}, () => new DerOcspMessages());
  provide(options, UploadDecoder, {}, () => new PemOrDerUploadDecoder());
});
