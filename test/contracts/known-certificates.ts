import type { Certificate } from '../../src/domain/certificates/certificate.ts';
import { grant, refuse } from '../../src/domain/shared/decision.ts';
import type { CertificateReader } from '../../src/ports/driven/certificate-reader.ts';

/** Reads the DER of exactly those certificates it was shown, so that contracts of stores need no real ones. */
export class KnownCertificates implements CertificateReader {
  readonly #known = new Map<string, Certificate>();
  /** How often it was asked. */
  reads = 0;

  show<Shown extends Certificate>(certificate: Shown): Shown {
    this.#known.set(Buffer.from(certificate.der).toString('hex'), certificate);
    return certificate;
  }

  read(der: Uint8Array): ReturnType<CertificateReader['read']> {
    this.reads += 1;
    const certificate = this.#known.get(Buffer.from(der).toString('hex'));
    return certificate ? grant(certificate) : refuse({ code: 'chain.not-der' });
  }
}
