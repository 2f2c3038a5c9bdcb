import type { Certificate, Fingerprint } from '../certificates/certificate.ts';
import type { TrustedPath } from '../certificates/judge-paths.ts';
import type { RevocableCertificate } from '../revocation/revocation.ts';
import type { TrustAnchor } from '../trust/trust-anchor.ts';
import type { CertificateReader } from '../../ports/driven/certificate-reader.ts';
import type { SeenPath } from '../../ports/driven/seen-paths.ts';

/** The anchor of that name as it shall count; undefined: it does not. */
type FindAnchor = (fingerprint: Fingerprint) => Promise<TrustAnchor | undefined>;

/**
 * The paths on which a device came last, made anew of what is remembered: they held then. A way to an anchor that is not found is left out, and
 * so is one whose certificates are not all at hand.
 */
export async function pathsSeen(reader: CertificateReader, { ways, chain = [] }: Pick<SeenPath, 'ways' | 'chain'>, find: FindAnchor): Promise<readonly TrustedPath[]> {
  const read = chain.flatMap(({ der }) => {
    const certificate = reader.read(der);
    return certificate.granted ? [certificate.value] : [];
  });
  const byPrint = new Map(read.map((certificate) => [certificate.fingerprint, certificate]));
  const paths: TrustedPath[] = [];
  for (const { anchor: print, intermediates } of ways) {
    const anchor = await find(print);
    const below = [chain[0]?.fingerprint, ...intermediates.map(({ fingerprint }) => fingerprint)].map((each) => byPrint.get(each as Fingerprint));
    const [leaf, ...between] = below.filter((certificate) => certificate !== undefined);
    if (!anchor || !leaf || between.length !== intermediates.length) continue;
    paths.push({ certificates: upTo(anchor.certificate, leaf, between), anchors: [anchor] });
  }
  return paths;
}

/** A device may be its own anchor (D-3). */
const upTo = (anchor: Certificate, leaf: Certificate, between: readonly Certificate[]): TrustedPath['certificates'] =>
  leaf.fingerprint === anchor.fingerprint ? [leaf] : [leaf, ...between, anchor];

/** Whether this is the path by whose certificates below the anchor somebody was let in. */
export const isBy = (path: readonly RevocableCertificate[], { certificates }: Pick<TrustedPath, 'certificates'>): boolean =>
  path.length === Math.max(1, certificates.length - 1) && path.every(({ fingerprint }, depth) => fingerprint !== '' && fingerprint === certificates[depth]!.fingerprint);
