import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { RefusalOf } from '../shared/refusal-of.ts';
import { isMeant, type RevocableCertificate, type Revocation } from './revocation.ts';

export type RevokedRefusal = RefusalOf<'revocation.revoked' | 'revocation.on-hold' | 'revocation.ocsp-revoked'>;

/**
 * Is any certificate of a path (`revocableOf`: leaf first) revoked by what is `said`? From the anchor down, as RFC 5280 §6.1 walks; and
 * what is for good before what can be released, so that nobody waits for a release that would not help.
 */
export function decideRevocation(path: readonly RevocableCertificate[], said: readonly Revocation[]): Decision<undefined, RevokedRefusal> {
  const hits = path.flatMap((certificate, depth) => said.filter((revocation) => isMeant(revocation, certificate)).map((revocation) => ({ certificate, depth, revocation })));
  const hit = hits.findLast(({ revocation }) => !isHold(revocation)) ?? hits.at(-1);
  if (!hit) return grant(undefined);
  const { certificate, depth, revocation } = hit;
  const evidence = { serialNumber: certificate.serialNumber, since: revocation.since.toISOString(), reason: revocation.reason };
  return refuse({ code: codeOf(revocation), depth, evidence });
}

/** A list may put a certificate on hold too. */
const isHold = ({ source, reason }: Revocation): boolean => source === 'hold' || reason === 'certificateHold';

/** What only a responder says, no operator here can release, and no list shows. */
const codeOf = (revocation: Revocation): RevokedRefusal['code'] =>
  revocation.source === 'ocsp' ? 'revocation.ocsp-revoked' : isHold(revocation) ? 'revocation.on-hold' : 'revocation.revoked';
