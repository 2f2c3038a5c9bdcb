import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { RefusalOf } from '../shared/refusal-of.ts';
import { RULE_CHECKS, type RuleCheck, type TenantRules } from '../trust/rule-options.ts';
import type { Certificate } from './certificate.ts';
import { policyVerdicts } from './certificate-policies.ts';
import type { TrustedPath } from './judge-paths.ts';
import { RuleWork } from './rule-work.ts';
import { TENANT_RULES, type TenantLink, type TenantRuleCode } from './tenant-rules.ts';

export type TenantRuleRefusal = RefusalOf<TenantRuleCode>;
type Certificates = readonly [Certificate, ...Certificate[]];

/** One rule asked of one certificate. */
export interface AskedOfTenant {
  readonly depth: number;
  readonly link: TenantLink;
  readonly rule: (typeof TENANT_RULES)[number];
  readonly holds: boolean;
}

/** Checks that act so. */
export const checksIn = ({ modes }: TenantRules, ...acting: TenantRules['modes'][RuleCheck][]): readonly RuleCheck[] => RULE_CHECKS.filter((check) => acting.includes(modes[check]));

/** Every rule of these checks, of every certificate from the anchor down. `meetsRules` stops at the first that is broken, `explain` at none. */
export function* askTenantRules(path: Certificates, rules: TenantRules, checks: readonly RuleCheck[], work = new RuleWork()): Generator<AskedOfTenant> {
  const verdicts = checks.includes('policies') ? policyVerdicts(path, work, rules.policies) : [];
  for (const [depth, certificate] of [...path.entries()].reverse()) {
    const link: TenantLink = { certificate, isLeaf: depth === 0, policy: verdicts[depth] ?? 'holds', asked: rules };
    for (const rule of TENANT_RULES) if (checks.includes(rule.check)) yield { depth, link, rule, holds: rule.holds(link) };
  }
}

/** The paths that meet all that these checks ask; of none, the first thing that the first of them lacks. One is enough. */
export function meetingRules<Path extends Pick<TrustedPath, 'certificates'>>(paths: readonly Path[], rules: TenantRules, checks: readonly RuleCheck[]): Decision<readonly Path[], TenantRuleRefusal> {
  if (checks.length === 0 || paths.length === 0) return grant(paths);
  const work = new RuleWork();
  const judged = paths.map((path) => ({ path, refusal: brokenRule(path.certificates, rules, checks, work) }));
  const meeting = judged.filter(({ refusal }) => !refusal).map(({ path }) => path);
  return meeting.length > 0 ? grant(meeting) : refuse(judged[0]!.refusal!);
}

/**
 * For what these paths, which a device may come by now, would be refused if checks that only report refused too: each of them by itself, and
 * where none does, all together; for there may be one path for each, and none for all.
 */
export function wouldBeRefused(paths: readonly Pick<TrustedPath, 'certificates'>[], rules: TenantRules): readonly TenantRuleRefusal[] {
  const reporting = checksIn(rules, 'report');
  const alone = reporting.flatMap((check) => refusalIn(meetingRules(paths, rules, [check])));
  return alone.length > 0 ? alone : refusalIn(meetingRules(paths, rules, reporting));
}

const refusalIn = (decision: Decision<unknown, TenantRuleRefusal>): readonly TenantRuleRefusal[] => (decision.granted ? [] : [decision.refusal]);

function brokenRule(path: Certificates, rules: TenantRules, checks: readonly RuleCheck[], work: RuleWork): TenantRuleRefusal | undefined {
  for (const { depth, link, rule, holds } of askTenantRules(path, rules, checks, work)) {
    if (!holds) return { code: rule.code, depth, evidence: rule.evidence(link) };
  }
  return undefined;
}
