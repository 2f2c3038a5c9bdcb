import type { TrustedPath } from '../certificates/judge-paths.ts';
import type { RevokedRefusal } from '../revocation/decide-revocation.ts';
import { revocablesOn, standingPaths, type Standing } from '../revocation/standing-paths.ts';
import type { Decision } from '../shared/decision.ts';
import type { TenantId } from '../trust/tenant.ts';
import type { RevocationStore } from '../../ports/driven/revocation-store.ts';

/** Which of the paths that lead to this tenant's anchors are not revoked in it (D-40)? */
export async function askRevocation(revocations: RevocationStore, paths: readonly TrustedPath[], tenant: TenantId): Promise<Decision<Standing, RevokedRefusal>> {
  const own = paths
    .map((path) => ({ ...path, anchors: path.anchors.filter((anchor) => anchor.tenant === tenant) }))
    .filter(({ anchors }) => anchors.length > 0);
  return standingPaths(own, await revocations.about(tenant, revocablesOn(own)));
}
