import type { ChainRefusalCode } from '../refusals/codes.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { RefusalOf } from '../shared/refusal-of.ts';
import type { Certificate } from './certificate.ts';

/** D-11: what a peer may send, before anything of it is parsed. */
export const CHAIN_LIMITS = { handshakeBytes: 32 * 1024, certificates: 20, certificateBytes: 16 * 1024 } as const;

type Read = (der: Uint8Array) => Decision<Certificate, RefusalOf<ChainRefusalCode>>;
export type Chain = readonly [Certificate, ...Certificate[]];

/** DER as sent → certificates as sent. One that cannot be read refuses the whole chain: a chain is never repaired (D-17). */
export function readChain(
  { chain, handshakeBytes }: { readonly chain: readonly Uint8Array[]; readonly handshakeBytes: number },
  read: Read,
): Decision<Chain, RefusalOf<ChainRefusalCode>> {
  if (handshakeBytes > CHAIN_LIMITS.handshakeBytes) {
    return refuse({ code: 'chain.too-many-bytes', evidence: { bytes: handshakeBytes } });
  }
  if (chain.length > CHAIN_LIMITS.certificates) {
    return refuse({ code: 'chain.too-many-certificates', evidence: { certificates: chain.length } });
  }
  const certificates: Certificate[] = [];
  for (const [position, der] of chain.entries()) {
    if (der.length > CHAIN_LIMITS.certificateBytes) {
      return refuse({ code: 'chain.certificate-too-large', evidence: { position, bytes: der.length } });
    }
    const certificate = read(der);
    if (!certificate.granted) {
      return refuse({ ...certificate.refusal, evidence: { position, ...certificate.refusal.evidence } });
    }
    certificates.push(certificate.value);
  }
  const [leaf, ...others] = certificates;
  return leaf ? grant([leaf, ...others]) : refuse({ code: 'chain.absent' });
}
