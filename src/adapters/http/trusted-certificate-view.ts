import { nameText } from '../../domain/certificates/distinguished-name.ts';
import type { TrustAnchor } from '../../domain/trust/trust-anchor.ts';

const DAY_MS = 86_400_000;
/** How long before its end a CA is warned about (X06). */
const WARN_DAYS = 30;

/** A trusted certificate in the fields of the compatible API (wire-contract §1.2), with `inert` and `warnings` of ours. */
export function trustedCertificateView(anchor: TrustAnchor, self: string, now: Date): object {
  const { certificate } = anchor;
  const warnings = warningsOf(anchor, now);
  return {
    fingerprint: certificate.fingerprint,
    name: anchor.name,
    status: anchor.status === 'enabled' ? 'ENABLED' : 'DISABLED',
    autoRegistrationEnabled: anchor.autoRegistration,
    certInPemFormat: Buffer.from(certificate.der).toString('base64'), // despite its name: clients decode it as it is
    algorithmName: certificate.signature.name,
    subject: nameText(certificate.subject),
    issuer: nameText(certificate.issuer),
    serialNumber: BigInt(`0x${certificate.serialNumber || '0'}`).toString(),
    notBefore: certificate.notBefore.toISOString(),
    notAfter: certificate.notAfter.toISOString(),
    version: certificate.version,
    self,
    proofOfPossessionValid: anchor.possessionProven,
    ...(anchor.possessionCode && {
      proofOfPossessionUnsignedVerificationCode: anchor.possessionCode.text,
      proofOfPossessionVerificationCodeUsableUntil: anchor.possessionCode.usableUntil.toISOString(),
    }),
    tenantCertificateAuthority: false,
    inert: anchor.inert,
    ...(warnings.length > 0 && { warnings }),
  };
}

/** What an operator should know about a certificate that was accepted all the same. */
function warningsOf({ certificate: { signature, notBefore, notAfter }, inert }: TrustAnchor, now: Date): readonly string[] {
  const endsSoon = now <= notAfter && notAfter.getTime() - now.getTime() <= WARN_DAYS * DAY_MS;
  const weak = signature.hash === 'sha1' || signature.hash === 'md5';
  return [
    ...(inert
      ? ['No device gets in by this certificate yet: it touches the trust of another tenant. Prove that you possess its private key (D-6).']
      : []),
    ...(now > notAfter ? [`The certificate expired on ${notAfter.toISOString()}: its devices are refused. Upload its successor.`] : []),
    ...(endsSoon ? [`The certificate expires on ${notAfter.toISOString()}. Upload its successor before.`] : []),
    ...(now < notBefore ? [`The certificate is not valid before ${notBefore.toISOString()}: its devices are refused until then.`] : []),
    ...(weak
      ? [`The certificate itself is signed by ${signature.name}, which is broken. Its own signature is not judged (D-4); certificates below it need SHA-2.`]
      : []),
  ];
}
