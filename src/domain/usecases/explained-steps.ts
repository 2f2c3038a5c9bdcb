import type { AnchoredPath } from '../certificates/build-paths.ts';
import { nameText } from '../certificates/distinguished-name.ts';
import { askTenantRules, checksIn } from '../certificates/judge-tenant-rules.ts';
import { PATH_RULES } from '../certificates/path-rules.ts';
import type { Chain } from '../certificates/read-chain.ts';
import { RuleWork } from '../certificates/rule-work.ts';
import { askAll, type TrustedLeaf } from '../certificates/validate-path.ts';
import { REFUSALS, type Refusal, type RefusalCode } from '../refusal.ts';
import type { Decision } from '../shared/decision.ts';
import type { TenantRules } from '../trust/rule-options.ts';
import type { Check, Explanation } from '../../ports/driving/explain-desk.ts';
import { revocationChecks, type RevocationStep } from './explained-revocation.ts';

type Step<Value> = Decision<Value, Refusal>;

/** What the gate's decisions were, one after the other; undefined where an earlier one left nothing to ask. Each is the gate's own function. */
export interface Steps {
  readonly chain: Step<Chain>;
  readonly best?: AnchoredPath;
  readonly trusted?: Step<{ readonly leaf: TrustedLeaf }>;
  /** Of a running gate alone: the optional rules of the tenant whose device it is. */
  readonly tenantRules?: readonly Check[];
  readonly identity?: Step<{ readonly device: string }>;
  /** Of a running gate alone: whose device it is, and whether it may be here. */
  readonly live?: { readonly tenant?: Step<{ readonly id: string }>; readonly revocation?: RevocationStep; readonly registration?: Step<unknown> };
}

/** The first that refused, as the gate would have. */
export function refusalIn({ chain, trusted, identity, live }: Steps): Refusal | undefined {
  const refused = [chain, trusted, live?.tenant, identity, live?.registration].find((step) => step && !step.granted);
  return refused && !refused.granted ? refused.refusal : undefined;
}

export function pathOf({ certificates }: AnchoredPath): Explanation['path'] {
  return certificates.map(({ subject, issuer }, depth) => ({
    depth,
    subject: nameText(subject),
    issuer: nameText(issuer),
    isAnchor: depth === certificates.length - 1,
  }));
}

/** In the order of the journey: the chain, the search, every rule of every certificate of the best path, the tenant, the identity, the registration. */
export function checksOf({ chain, best, trusted, tenantRules = [], identity, live }: Steps, at: Date): readonly Check[] {
  const rules = best ? ruleChecks(best, at) : PATH_RULES.map(({ code }) => notAsked(code));
  // What shows at no certificate is a matter of the search: that the anchor is disabled, that the budget ran out.
  const isOfARule = trusted && !trusted.granted && rules.some(({ code, outcome }) => code === trusted.refusal.code && outcome === 'broken');
  return [
    checkOf(chain, 'chain.malformed-certificate'),
    checkOf(isOfARule ? { granted: true, value: undefined } : trusted, 'tenant.no-anchor-found'),
    ...rules,
    ...(live ? [checkOf(live.tenant, 'tenant.ambiguous')] : []),
    ...tenantRules,
    ...(live?.revocation ? revocationChecks(live.revocation) : []),
    checkOf(identity, 'identity.no-common-name'),
    ...(live ? [checkOf(live.registration, 'registration.not-registered')] : []),
  ];
}

function ruleChecks(best: AnchoredPath, at: Date): readonly Check[] {
  return [...askAll(best, { at, work: new RuleWork() })].map(({ depth, link, rule, holds }) => ({
    ...{ code: rule.code, depth, outcome: holds ? 'holds' : 'broken', requires: rule.requires, cites: rule.cites },
    ...(!holds && { evidence: rule.evidence(link) }),
  }));
}

/** The optional rules that a tenant does not leave off. What only reports is never `broken`. */
export const tenantRuleChecks = ({ certificates }: Pick<AnchoredPath, 'certificates'>, rules: TenantRules): readonly Check[] =>
  [...askTenantRules(certificates, rules, checksIn(rules, 'report', 'enforce'))].map(({ depth, link, rule, holds }) => {
    const outcome = rules.modes[rule.check] === 'enforce' ? 'broken' : 'reported';
    return { ...{ code: rule.code, depth, outcome: holds ? 'holds' : outcome, requires: rule.requires, cites: rule.cites }, ...(!holds && { evidence: rule.evidence(link) }) };
  });

function checkOf(step: Step<unknown> | undefined, usual: RefusalCode): Check {
  if (!step) return notAsked(usual);
  return step.granted ? { ...textOf(usual), outcome: 'holds' } : brokenCheck(step.refusal);
}

/** A refusal as the check that did not hold. */
export const brokenCheck = ({ code, depth, evidence }: Refusal): Check => ({
  ...{ ...textOf(code), outcome: 'broken' },
  ...(depth !== undefined && { depth }),
  ...(evidence && { evidence }),
});

const notAsked = (code: RefusalCode): Check => ({ ...textOf(code), outcome: 'not-asked' });

const textOf = (code: RefusalCode) => ({ code, requires: REFUSALS[code].requires, cites: REFUSALS[code].cites });
