import { checksIn, meetingRules, wouldBeRefused, type TenantRuleRefusal } from '../certificates/judge-tenant-rules.ts';
import type { TrustedPath } from '../certificates/judge-paths.ts';
import type { Wanted } from '../revocation/responder-answer.ts';
import type { RestsOn, StandingRefusal } from '../revocation/standing-by-lists.ts';
import type { Standing } from '../revocation/standing-paths.ts';
import { grant, type Decision } from '../shared/decision.ts';
import { tenantRules, type TenantRules } from '../trust/rule-options.ts';
import { rulesMark } from '../trust/rules-mark.ts';
import { nameOf } from '../trust/tenant-option.ts';
import type { TenantId } from '../trust/tenant.ts';
import type { TenantDirectory } from '../../ports/driven/tenant-directory.ts';
import { askRevocation, type RevocationNeeds } from './ask-revocation.ts';

interface Question {
  /** That hold, of any tenants. */
  readonly paths: readonly TrustedPath[];
  readonly tenant: TenantId;
  readonly at: Date;
  /** Told which certificates responders should be asked about; nobody waits for them. */
  readonly want?: ((wanted: readonly Wanted[]) => void) | undefined;
}

/** `warnings`: for what the device would be refused, did checks that only report refuse. */
export type StandingByTenant = Standing & { readonly rests?: RestsOn; readonly warnings: readonly (TenantRuleRefusal | StandingRefusal)[]; /** `rulesMark`. */ readonly rules?: string };

/** Which of the paths that lead to this tenant's anchors meet what it asks of them (D-55), and are not revoked (D-40, D-45)? One is enough. */
export async function askTenant(needs: RevocationNeeds, { paths, want, ...asked }: Question): Promise<Decision<StandingByTenant, TenantRuleRefusal | StandingRefusal>> {
  const { tenant } = asked;
  const own = paths.filter(({ anchors }) => anchors.some((anchor) => anchor.tenant === tenant));
  // At once, for most tenants enforce nothing: then the answer to the second is that about all their paths.
  const [rules, ofAll] = await Promise.all([rulesOf(needs, tenant), askRevocation(needs, { ...asked, paths: own, want })]);
  const meeting = meetingRules(own, rules, checksIn(rules, 'enforce'));
  if (!meeting.granted) return meeting;
  const standing = meeting.value.length === own.length ? ofAll : await askRevocation(needs, { ...asked, paths: meeting.value });
  if (!standing.granted) return standing;
  const { warning, ...by } = standing.value;
  const mark = rulesMark(rules);
  return grant({ ...by, ...(mark !== undefined && { rules: mark }), warnings: [...wouldBeRefused(by.paths, rules), ...(warning ? [warning] : [])] });
}

/** What a tenant chose about optional rules. */
export async function rulesOf({ tenants }: { readonly tenants: Pick<TenantDirectory, 'optionsOf'> }, tenant: TenantId): Promise<TenantRules> {
  const options = await tenants.optionsOf(tenant, 'fleetgate');
  return tenantRules(new Map(options.map((option) => [nameOf(option), option.value])));
}
