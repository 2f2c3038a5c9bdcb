import type { TrustedPath } from '../certificates/judge-paths.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { TrustAnchor } from '../trust/trust-anchor.ts';
import { decideRevocation, type RevokedRefusal } from './decide-revocation.ts';
import { revocableOf, type RevocableCertificate, type Revocation } from './revocation.ts';

/** By what a device is let in: the first of its paths that stand, and the anchors of all of them. */
export interface Standing {
  readonly path: readonly RevocableCertificate[];
  readonly anchors: readonly TrustAnchor[];
  /** All that stand. */
  readonly paths: readonly TrustedPath[];
}

/** Every certificate on these paths that a revocation could name, once. */
export const revocablesOn = (paths: readonly TrustedPath[]): readonly RevocableCertificate[] => [
  ...new Map(paths.flatMap(({ certificates }) => revocableOf(certificates)).map((certificate) => [certificate.fingerprint, certificate])).values(),
];

/** Which of these paths, all of one tenant, are not revoked? One is enough. When none is left, a hold is told first: releasing it would help. */
export function standingPaths(paths: readonly TrustedPath[], said: readonly Revocation[]): Decision<Standing, RevokedRefusal> {
  const judged = paths.map((path) => ({ path, verdict: decideRevocation(revocableOf(path.certificates), said) }));
  const standing = judged.filter(({ verdict }) => verdict.granted).map(({ path }) => path);
  const [first] = standing;
  if (first) return grant({ path: revocableOf(first.certificates), anchors: standing.flatMap(({ anchors }) => anchors), paths: standing });
  const refusals = judged.flatMap(({ verdict }) => (verdict.granted ? [] : [verdict.refusal]));
  return refuse(refusals.find(({ code }) => code === 'revocation.on-hold') ?? refusals[0]!);
}
