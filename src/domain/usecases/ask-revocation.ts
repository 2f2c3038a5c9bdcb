import type { TrustedPath } from '../certificates/judge-paths.ts';
import { revocationsBy, toAskAbout, type Wanted } from '../revocation/responder-answer.ts';
import type { RevocableCertificate, Revocation } from '../revocation/revocation.ts';
import { restsOn, standingByLists, whatCounts, type AnswersAtHand, type ListsAtHand, type RestsOn, type StandingByLists, type StandingRefusal } from '../revocation/standing-by-lists.ts';
import { revocablesOn } from '../revocation/standing-paths.ts';
import { grant, type Decision } from '../shared/decision.ts';
import { checkMode, type CheckMode } from '../trust/check-options.ts';
import type { TenantId } from '../trust/tenant.ts';
import type { ResponderAnswers } from '../../ports/driven/responder-answers.ts';
import type { RevocationLists } from '../../ports/driven/revocation-lists.ts';
import type { RevocationStore } from '../../ports/driven/revocation-store.ts';
import type { TenantDirectory } from '../../ports/driven/tenant-directory.ts';

export interface RevocationNeeds {
  readonly revocations: Pick<RevocationStore, 'about'>;
  readonly lists: RevocationLists;
  readonly answers: ResponderAnswers;
  readonly tenants: Pick<TenantDirectory, 'option' | 'optionsOf'>;
}

interface Question {
  /** That hold, of any tenants. */
  readonly paths: readonly TrustedPath[];
  readonly tenant: TenantId;
  readonly at: Date;
  /** Told which certificates responders should be asked about; nobody waits for them. */
  readonly want?: ((wanted: readonly Wanted[]) => void) | undefined;
}

/** Which of the paths that lead to this tenant's anchors are not revoked in it (D-40), and spoken for by lists and responders where it asks for them (D-45, D-53)? */
export async function askRevocation(needs: RevocationNeeds, { paths, tenant, at, want }: Question): Promise<Decision<StandingByLists & { readonly rests?: RestsOn }, StandingRefusal>> {
  const own = paths
    .map((path) => ({ ...path, anchors: path.anchors.filter((anchor) => anchor.tenant === tenant) }))
    .filter(({ anchors }) => anchors.length > 0);
  const certificates = revocablesOn(own);
  const anchors = [...new Set(own.flatMap((path) => path.anchors.map(({ certificate }) => certificate.fingerprint)))];
  const [said, atHand, answers] = await Promise.all([needs.revocations.about(tenant, certificates), listsAtHand(needs, tenant), answersAtHand(needs, tenant, certificates)]);
  const rules = atHand.mode === 'off' ? [] : await Promise.all(anchors.map((anchor) => needs.lists.ruleOf(tenant, anchor)));
  const asked = answers.mode === 'off' ? [] : await Promise.all(anchors.map((anchor) => needs.answers.ruleOf(tenant, anchor)));
  const spoken: AnswersAtHand = { ...answers, rules: asked.filter((rule) => rule !== undefined) };
  if (spoken.rules.length > 0) want?.(toAskAbout(own, spoken.rules, spoken.known, at));
  const counting = { ...atHand, rules: rules.filter((rule) => rule !== undefined), answers: spoken, at };
  const standing = standingByLists(own, [...said, ...revocationsBy(spoken.known)], counting);
  // Where nothing is asked of lists and responders, nothing can grow old.
  if (!standing.granted || (atHand.mode === 'off' && spoken.rules.length === 0)) return standing;
  return grant({ ...standing.value, rests: restsOn(standing.value.paths[0]!) });
}

/** All that counts in a tenant against these certificates. */
export async function revocationsOf(needs: RevocationNeeds, tenant: TenantId, certificates: readonly RevocableCertificate[]): Promise<readonly Revocation[]> {
  const [said, mode] = await Promise.all([needs.revocations.about(tenant, certificates), modeOf(needs, tenant, 'check.ocsp')]);
  const counting = said.some(({ source }) => source.startsWith('crl:')) ? whatCounts(said, await listsAtHand(needs, tenant)) : said;
  return mode === 'enforce' ? [...counting, ...revocationsBy(await needs.answers.about(tenant, certificates))] : counting;
}

export async function listsAtHand(needs: RevocationNeeds, tenant: TenantId): Promise<Pick<ListsAtHand, 'mode' | 'lists'>> {
  const mode = checkMode(await needs.tenants.option(tenant, 'fleetgate', 'check.crl'));
  return { mode, lists: mode === 'off' ? [] : await needs.lists.ofTenant(tenant) };
}

async function answersAtHand(needs: RevocationNeeds, tenant: TenantId, certificates: readonly RevocableCertificate[]): Promise<Pick<AnswersAtHand, 'mode' | 'known'>> {
  const mode = checkMode(await needs.tenants.option(tenant, 'fleetgate', 'check.ocsp'));
  return { mode, known: mode === 'off' ? [] : await needs.answers.about(tenant, certificates) };
}

export const modeOf = async ({ tenants }: Pick<RevocationNeeds, 'tenants'>, tenant: TenantId, check: 'check.crl' | 'check.ocsp'): Promise<CheckMode> =>
  checkMode(await tenants.option(tenant, 'fleetgate', check));
