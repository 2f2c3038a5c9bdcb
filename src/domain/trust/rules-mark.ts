import { checksIn } from '../certificates/judge-tenant-rules.ts';
import type { TenantRules } from './rule-options.ts';

/**
 * Names what a tenant enforces: the same text for the same rules, another one for others; undefined where it enforces none. By it session and
 * token know whether they were judged by what counts now (D-55). Short, for it stands in every token: FNV-1a in 64 bits tells changes
 * apart, and nobody gains anything by two rules with one mark but the tenant that chose both.
 */
export function rulesMark(rules: TenantRules): string | undefined {
  const enforced = checksIn(rules, 'enforce');
  if (enforced.length === 0) return undefined;
  const { rsaBits = 'none', curves } = rules.keys;
  const { initialPolicies = [], requireExplicitPolicy, inhibitPolicyMapping, inhibitAnyPolicy } = rules.policies;
  const chosen = {
    'eku-nesting': '',
    'key-sizes': [rsaBits, ...[...curves].sort()].join(' '),
    policies: [requireExplicitPolicy, inhibitPolicyMapping, inhibitAnyPolicy, ...[...initialPolicies].sort()].join(' '),
  };
  return hashed(enforced.map((check) => `${check} ${chosen[check]}`).join('\n'));
}

const PRIME = 0x100000001b3n;
const BASIS = 0xcbf29ce484222325n;

/** Of ASCII text. */
const hashed = (text: string): string =>
  [...text].reduce((hash, letter) => BigInt.asUintN(64, (hash ^ BigInt(letter.charCodeAt(0))) * PRIME), BASIS).toString(16).padStart(16, '0');
