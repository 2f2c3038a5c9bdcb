import type { TLSSocket } from 'node:tls';

/** One more than the domain accepts (D-11): enough for it to see that there are too many. */
const MOST_CERTIFICATES = 21;

/**
 * The certificates that the peer sent, DER, in its order, strangers included; empty when it sent none.
 *
 * To be called once for a connection: `getPeerX509Certificate` empties the chain. `getPeerCertificate(true)` is no way round: it sorts the
 * certificates anew by issuer and loses those that do not fit (18 of the 24 orders of a chain of four).
 */
export function readPeerChain(stream: Pick<TLSSocket, 'getPeerX509Certificate'>): Uint8Array[] {
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
