import { ANY_POLICY, type PolicyInputs } from '../certificates/certificate-policies.ts';
import { RSA_BITS, type KeyChoice } from '../certificates/key-rules.ts';
import { checkMode, type CheckMode } from './check-options.ts';

/** The optional rules about the certificates of a path, each with a mode of its own. */
export const RULE_CHECKS = ['eku-nesting', 'key-sizes', 'policies'] as const;
export type RuleCheck = (typeof RULE_CHECKS)[number];

/** What a tenant asks of the paths of its devices beyond what is asked of all (D-55). */
export interface TenantRules {
  readonly modes: Readonly<Record<RuleCheck, CheckMode>>;
  readonly keys: KeyChoice;
  readonly policies: PolicyInputs;
}

const NONE = 'none';
const CURVES = ['P-256', 'P-384', 'P-521', 'Ed25519'] as const;
/** Policies that a tenant may name. */
const MOST_POLICIES = 20;

const mode = { usual: 'off', form: 'off, report or enforce', fits: (value: string) => ['off', 'report', 'enforce'].includes(value) };
const yesOrNo = (usual: 'true' | 'false') => ({ usual, form: 'true or false', fits: (value: string) => value === 'true' || value === 'false' });

/** Tenant options about optional rules, by `category/key`. What they choose acts where the mode of their rule is not off. */
export const RULE_OPTIONS = {
  'fleetgate/check.eku-nesting': mode,
  'fleetgate/check.key-sizes': mode,
  'fleetgate/check.policies': mode,
  'fleetgate/keys.rsa-bits': {
    usual: '3072',
    form: `none, or the least bits of an RSA key from ${RSA_BITS.least} to ${RSA_BITS.most}`,
    fits: (value: string) => value === NONE || (/^\d{4}$/.test(value) && Number(value) >= RSA_BITS.least && Number(value) <= RSA_BITS.most),
  },
  'fleetgate/keys.curves': {
    usual: CURVES.join(' '),
    form: `none, or one or more of ${CURVES.join(', ')} with a space between`,
    fits: (value: string) => value === NONE || isSetOf(value, (word) => (CURVES as readonly string[]).includes(word), CURVES.length),
  },
  'fleetgate/policies.initial': {
    usual: 'any',
    form: `any, or at most ${MOST_POLICIES} OIDs such as 1.3.6.1.4.1.99999.1 with a space between`,
    fits: (value: string) => value === 'any' || isSetOf(value, isPolicy, MOST_POLICIES),
  },
  // To name policies and to demand none of them would refuse nobody.
  'fleetgate/policies.require-explicit': yesOrNo('true'),
  'fleetgate/policies.inhibit-mapping': yesOrNo('false'),
  'fleetgate/policies.inhibit-any': yesOrNo('false'),
} as const;

export type RuleOption = keyof typeof RULE_OPTIONS;

export const isRuleOption = (name: string): name is RuleOption => Object.hasOwn(RULE_OPTIONS, name);

/** Reads the options of a tenant, by `category/key`; one that is not set, or makes no sense, counts as its default. */
export function tenantRules(set: ReadonlyMap<string, string>): TenantRules {
  const value = (name: RuleOption): string => {
    const given = set.get(name);
    return given !== undefined && RULE_OPTIONS[name].fits(given) ? given : RULE_OPTIONS[name].usual;
  };
  const [bits, curves, initial] = [value('fleetgate/keys.rsa-bits'), value('fleetgate/keys.curves'), value('fleetgate/policies.initial')];
  return {
    modes: {
      'eku-nesting': checkMode(value('fleetgate/check.eku-nesting')),
      'key-sizes': checkMode(value('fleetgate/check.key-sizes')),
      policies: checkMode(value('fleetgate/check.policies')),
    },
    keys: { rsaBits: bits === NONE ? undefined : Number(bits), curves: curves === NONE ? [] : curves.split(' ') },
    policies: {
      initialPolicies: initial === 'any' ? [ANY_POLICY] : initial.split(' '),
      requireExplicitPolicy: value('fleetgate/policies.require-explicit') === 'true',
      inhibitPolicyMapping: value('fleetgate/policies.inhibit-mapping') === 'true',
      inhibitAnyPolicy: value('fleetgate/policies.inhibit-any') === 'true',
    },
  };
}

/** Each word once. */
function isSetOf(value: string, fits: (word: string) => boolean, most: number): boolean {
  const words = value.split(' ');
  return words.length <= most && new Set(words).size === words.length && words.every(fits);
}

/** A dotted OID (X.660): arcs without leading zeros, the second below 40 under 0 and 1. anyPolicy is written `any`. */
const isPolicy = (word: string): boolean => word.length <= 128 && /^(?:[01]\.[1-3]?\d|2\.(?:0|[1-9]\d*))(?:\.(?:0|[1-9]\d*))+$/.test(word) && word !== ANY_POLICY;
