import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';

/** One more than the domain accepts (D-11): enough for it to see that there are too many. */
const MOST_CERTIFICATES = 21;

/**
 * The leaf and the certificates that the peer sent above it, DER, as long as each issuer stands behind what it issued; empty when it sent
 * none. Out of order, with strangers or duplicates, some are missing (18 of the 24 orders of a chain of four): `readWholeChain` has them all.
 */
export function readPeerChain(stream: Pick<TLSSocket, 'getPeerCertificate'>): Uint8Array[] {
  const chain: Uint8Array[] = [];
  const seen = new Set<unknown>();
  let certificate: Partial<DetailedPeerCertificate> | null | undefined = stream.getPeerCertificate(true);
  while (certificate?.raw !== undefined && !seen.has(certificate) && chain.length < MOST_CERTIFICATES) {
    seen.add(certificate);
    chain.push(certificate.raw);
    certificate = certificate.issuerCertificate;
  }
  return chain;
}

/**
 * The certificates that the peer sent, DER, in its order, strangers included.
 *
 * To be called once for a connection, and seldom: `getPeerX509Certificate` takes the issuers out of the connection without freeing them
 * (Node 20 to 24), so that some 10 KB of each are left behind for the life of the process. `WholeChains` bounds that.
 */
export function readWholeChain(stream: Pick<TLSSocket, 'getPeerX509Certificate'>): Uint8Array[] {
  const chain: Uint8Array[] = [];
  const seen = new Set<unknown>();
  let certificate = stream.getPeerX509Certificate();
  while (certificate !== undefined && !seen.has(certificate) && chain.length < MOST_CERTIFICATES) {
    seen.add(certificate);
    chain.push(certificate.raw);
    certificate = certificate.issuerCertificate;
  }
  return chain;
}
