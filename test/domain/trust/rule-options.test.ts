import { describe, expect, it } from '@jest/globals';
import { ANY_POLICY } from '../../../src/domain/certificates/certificate-policies.ts';
import { isRuleOption, RULE_OPTIONS, tenantRules, type RuleOption } from '../../../src/domain/trust/rule-options.ts';
import { defaultOf, wrongOption } from '../../../src/domain/trust/tenant-option.ts';

const named = (key: string, value: string) => ({ category: 'fleetgate', key, value });
const rules = (options: Readonly<Record<string, string>>) => tenantRules(new Map(Object.entries(options).map(([key, value]) => [`fleetgate/${key}`, value])));

describe('Options about optional rules', () => {
  it.each([
    ['check.eku-nesting', ['off', 'report', 'enforce'], ['', 'on', 'Enforce', 'true']],
    ['check.key-sizes', ['off', 'report', 'enforce'], ['warn']],
    ['check.policies', ['off', 'report', 'enforce'], ['any']],
    ['keys.rsa-bits', ['none', '2048', '3072', '8192'], ['2047', '8193', '1024', '', '03072', '3072.5', '3e3', '-3072']],
    ['keys.curves', ['none', 'P-384', 'P-521 P-384', 'Ed25519', 'P-256 P-384 P-521 Ed25519'], ['', 'P-192', 'P-384,P-521', 'P-384  P-521', 'P-384 P-384', 'none P-384', 'p-384']],
    ['policies.initial', ['any', '1.2.3', '2.16.840.1.101.3.2.1.48.1 1.2.3', '2.999.1', '0.39.1', Array.from({ length: 20 }, (_, i) => `1.2.${i}`).join(' ')], ['', ANY_POLICY, '1', '1.2', '1.40.1', '3.1.1', '1.2.03', '1.2.3,1.2.4', '1.2.3 1.2.3', 'any 1.2.3', '1.2.3.', `1.2.${'9'.repeat(126)}`, Array.from({ length: 21 }, (_, i) => `1.2.${i}`).join(' ')]],
    ['policies.require-explicit', ['true', 'false'], ['yes', '']],
    ['policies.inhibit-mapping', ['true', 'false'], ['1']],
    ['policies.inhibit-any', ['true', 'false'], ['TRUE']],
  ])('%s takes what makes sense, and says what does', (key, good, bad) => {
    for (const value of good) expect([value, wrongOption(named(key, value))]).toEqual([value, undefined]);
    for (const value of bad) expect([value, wrongOption(named(key, value))]).toEqual([value, { option: `fleetgate/${key}`, form: RULE_OPTIONS[`fleetgate/${key}` as RuleOption].form }]);
  });

  it('are all off until a tenant says otherwise, and what is not set has its default', () => {
    expect(rules({})).toEqual({
      modes: { 'eku-nesting': 'off', 'key-sizes': 'off', policies: 'off' },
      keys: { rsaBits: 3072, curves: ['P-256', 'P-384', 'P-521', 'Ed25519'] },
      policies: { initialPolicies: [ANY_POLICY], requireExplicitPolicy: true, inhibitPolicyMapping: false, inhibitAnyPolicy: false },
    });
    for (const name of Object.keys(RULE_OPTIONS)) {
      const [category, key] = name.split('/') as [string, string];
      expect(wrongOption({ category, key, value: defaultOf({ category, key })! })).toBeUndefined();
    }
    expect([isRuleOption('fleetgate/check.policies'), isRuleOption('fleetgate/check.crl'), isRuleOption('toString')]).toEqual([true, false, false]);
  });

  it('say what is asked', () => {
    const all = { 'check.eku-nesting': 'enforce', 'check.key-sizes': 'report', 'check.policies': 'enforce', 'keys.rsa-bits': '4096', 'keys.curves': 'P-384 Ed25519' };
    expect(rules({ ...all, 'policies.initial': '1.2.3 1.2.4', 'policies.require-explicit': 'false', 'policies.inhibit-mapping': 'true', 'policies.inhibit-any': 'true' })).toEqual({
      modes: { 'eku-nesting': 'enforce', 'key-sizes': 'report', policies: 'enforce' },
      keys: { rsaBits: 4096, curves: ['P-384', 'Ed25519'] },
      policies: { initialPolicies: ['1.2.3', '1.2.4'], requireExplicitPolicy: false, inhibitPolicyMapping: true, inhibitAnyPolicy: true },
    });
    expect(rules({ 'keys.rsa-bits': 'none', 'keys.curves': 'none' }).keys).toEqual({ rsaBits: undefined, curves: [] });
  });

  it('count as their defaults where what is stored makes no sense', () => {
    expect(rules({ 'check.key-sizes': 'on', 'keys.rsa-bits': '1024', 'keys.curves': 'P-192', 'policies.initial': ANY_POLICY, 'policies.require-explicit': 'no' })).toEqual(rules({}));
  });
});
