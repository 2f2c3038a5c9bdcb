import type { TrustedPath } from '../certificates/judge-paths.ts';
import type { RevocableCertificate, Revocation } from '../revocation/revocation.ts';
import { standingByLists, whatCounts, type ListsAtHand, type StandingByLists, type StandingRefusal } from '../revocation/standing-by-lists.ts';
import { revocablesOn } from '../revocation/standing-paths.ts';
import type { Decision } from '../shared/decision.ts';
import { checkMode } from '../trust/check-options.ts';
import type { TenantId } from '../trust/tenant.ts';
import type { RevocationLists } from '../../ports/driven/revocation-lists.ts';
import type { RevocationStore } from '../../ports/driven/revocation-store.ts';
import type { TenantDirectory } from '../../ports/driven/tenant-directory.ts';

export interface RevocationNeeds {
  readonly revocations: Pick<RevocationStore, 'about'>;
  readonly lists: RevocationLists;
  readonly tenants: Pick<TenantDirectory, 'option' | 'optionsOf'>;
}

interface Question {
  /** That hold, of any tenants. */
  readonly paths: readonly TrustedPath[];
  readonly tenant: TenantId;
  readonly at: Date;
}

/** Which of the paths that lead to this tenant's anchors are not revoked in it (D-40), and spoken for by lists where it asks for them (D-45)? */
export async function askRevocation(needs: RevocationNeeds, { paths, tenant, at }: Question): Promise<Decision<StandingByLists, StandingRefusal>> {
  const own = paths
    .map((path) => ({ ...path, anchors: path.anchors.filter((anchor) => anchor.tenant === tenant) }))
    .filter(({ anchors }) => anchors.length > 0);
  const [said, atHand] = await Promise.all([needs.revocations.about(tenant, revocablesOn(own)), listsAtHand(needs, tenant)]);
  const anchors = new Set(own.flatMap((path) => path.anchors.map(({ certificate }) => certificate.fingerprint)));
  const rules = atHand.mode === 'off' ? [] : await Promise.all([...anchors].map((anchor) => needs.lists.ruleOf(tenant, anchor)));
  return standingByLists(own, said, { ...atHand, rules: rules.filter((rule) => rule !== undefined), at });
}

/** All that counts in a tenant against these certificates. */
export async function revocationsOf(needs: RevocationNeeds, tenant: TenantId, certificates: readonly RevocableCertificate[]): Promise<readonly Revocation[]> {
  const said = await needs.revocations.about(tenant, certificates);
  return said.some(({ source }) => source.startsWith('crl:')) ? whatCounts(said, await listsAtHand(needs, tenant)) : said;
}

async function listsAtHand({ lists, tenants }: RevocationNeeds, tenant: TenantId): Promise<Pick<ListsAtHand, 'mode' | 'lists'>> {
  const mode = checkMode(await tenants.option(tenant, 'fleetgate', 'check.crl'));
  return { mode, lists: mode === 'off' ? [] : await lists.ofTenant(tenant) };
}
