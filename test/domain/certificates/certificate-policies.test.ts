import { describe, expect, it } from '@jest/globals';
import { ANY_POLICY, policyVerdicts, type PolicyInputs } from '../../../src/domain/certificates/certificate-policies.ts';
import { RuleWork } from '../../../src/domain/certificates/rule-work.ts';
import { aCaCertificate, aCertificate, aName, type CertificateOverrides } from '../../support/certificate-builders.ts';

const [P1, P2, P3] = ['1.2.1', '1.2.2', '1.2.3'] as const;
const explicit = { policyConstraints: { requireExplicitPolicy: 0 } };

/** Verdicts of leaf, intermediate and anchor. */
const verdicts = (leaf: CertificateOverrides, intermediate: CertificateOverrides, anchor: CertificateOverrides = {}, inputs: PolicyInputs = {}) =>
  policyVerdicts(
    [aCertificate({ issuer: aName('CN=Line CA'), ...leaf }), aCaCertificate({ subject: aName('CN=Line CA'), ...intermediate }), aCaCertificate(anchor)],
    new RuleWork(),
    inputs,
  );
const HOLDS = ['holds', 'holds', 'holds'];
const LEAF_FAILS = ['no-valid-policy', 'holds', 'holds'];
const BOTH_FAIL = ['no-valid-policy', 'no-valid-policy', 'holds'];

describe('Certificate policies (RFC 5280 §6.1, RFC 9618)', () => {
  it.each<[string, string[], Parameters<typeof verdicts>]>([
    ['nobody demands one: anything goes', HOLDS, [{}, {}]],
    ['nobody demands one: policies that do not match go as well', HOLDS, [{ policies: [P1] }, { policies: [P2] }]],
    ['demanded and the same all the way', HOLDS, [{ policies: [P1] }, { policies: [P1] }, explicit]],
    ['demanded, and missing in the leaf', LEAF_FAILS, [{}, { policies: [P1] }, explicit]],
    ['demanded, and missing in the intermediate', BOTH_FAIL, [{ policies: [P1] }, {}, explicit]],
    ['demanded, and another one in the leaf', LEAF_FAILS, [{ policies: [P2] }, { policies: [P1] }, explicit]],
    ['demanded by the intermediate from the leaf on', LEAF_FAILS, [{}, { policies: [P1], ...explicit }]],
    ['demanded after one more certificate', LEAF_FAILS, [{}, { policies: [P1], policyConstraints: { requireExplicitPolicy: 1 } }]],
    ['demanded after two more, of which there is one', HOLDS, [{}, { policies: [P1], policyConstraints: { requireExplicitPolicy: 2 } }]],
    ['demanded by the leaf of itself', LEAF_FAILS, [explicit, {}]],
    ['anyPolicy above stands for any', HOLDS, [{ policies: [P1] }, { policies: [ANY_POLICY] }, explicit]],
    ['anyPolicy below stands for any', HOLDS, [{ policies: [ANY_POLICY] }, { policies: [P1] }, explicit]],
    ['anyPolicy below, inhibited by the intermediate', LEAF_FAILS, [{ policies: [ANY_POLICY] }, { policies: [P1], inhibitAnyPolicy: 0 }, explicit]],
    ['anyPolicy above, inhibited by the anchor', BOTH_FAIL, [{ policies: [P1] }, { policies: [ANY_POLICY] }, { ...explicit, inhibitAnyPolicy: 0 }]],
    ['mapped', HOLDS, [{ policies: [P2] }, { policies: [P1], policyMappings: [{ issuerDomain: P1, subjectDomain: P2 }] }, explicit]],
    ['mapped away: the former name is no longer valid', LEAF_FAILS, [{ policies: [P1] }, { policies: [P1], policyMappings: [{ issuerDomain: P1, subjectDomain: P2 }] }, explicit]],
    ['mapped from one that is not there', LEAF_FAILS, [{ policies: [P3] }, { policies: [P1], policyMappings: [{ issuerDomain: P2, subjectDomain: P3 }] }, explicit]],
    ['mapped from one that anyPolicy stands for', HOLDS, [{ policies: [P3] }, { policies: [ANY_POLICY], policyMappings: [{ issuerDomain: P2, subjectDomain: P3 }] }, explicit]],
    ['mapped to two', HOLDS, [{ policies: [P3] }, { policies: [P1], policyMappings: [{ issuerDomain: P1, subjectDomain: P2 }, { issuerDomain: P1, subjectDomain: P3 }] }, explicit]],
    ['mapped where the anchor inhibits mapping', LEAF_FAILS, [{ policies: [P2] }, { policies: [P1], policyMappings: [{ issuerDomain: P1, subjectDomain: P2 }] }, { policyConstraints: { requireExplicitPolicy: 0, inhibitPolicyMapping: 0 } }]],
    ['mapped from anyPolicy', ['holds', 'maps-any-policy', 'holds'], [{}, { policyMappings: [{ issuerDomain: ANY_POLICY, subjectDomain: P2 }] }]],
    ['mapped to anyPolicy', ['holds', 'maps-any-policy', 'holds'], [{}, { policyMappings: [{ issuerDomain: P1, subjectDomain: ANY_POLICY }] }]],
    ['one of the initial policies', HOLDS, [{ policies: [P1] }, { policies: [P1] }, explicit, { initialPolicies: [P1, P2] }]],
    ['none of the initial policies', LEAF_FAILS, [{ policies: [P1] }, { policies: [P1] }, explicit, { initialPolicies: [P2] }]],
    ['an initial policy under its mapped name', HOLDS, [{ policies: [P2] }, { policies: [P1], policyMappings: [{ issuerDomain: P1, subjectDomain: P2 }] }, explicit, { initialPolicies: [P1] }]],
    ['a mapped name that is itself no initial policy', LEAF_FAILS, [{ policies: [P2] }, { policies: [P1], policyMappings: [{ issuerDomain: P1, subjectDomain: P2 }] }, explicit, { initialPolicies: [P2] }]],
    ['demanded from the start', BOTH_FAIL, [{}, {}, {}, { requireExplicitPolicy: true }]],
    ['anyPolicy inhibited from the start', BOTH_FAIL, [{ policies: [P1] }, { policies: [ANY_POLICY] }, explicit, { inhibitAnyPolicy: true }]],
    ['mapping inhibited from the start', LEAF_FAILS, [{ policies: [P2] }, { policies: [P1], policyMappings: [{ issuerDomain: P1, subjectDomain: P2 }] }, explicit, { inhibitPolicyMapping: true }]],
  ])('%s', (_what, expected, args) => {
    expect(verdicts(...args)).toEqual(expected);
  });

  it('a self-issued CA does not count down, and passes anyPolicy on where it is inhibited', () => {
    const self = { subject: aName('CN=Works CA'), issuer: aName('CN=Works CA') };
    const leaf = { issuer: aName('CN=Works CA'), policies: [P1] };
    expect(verdicts(leaf, { ...self, policies: [ANY_POLICY] }, { ...explicit, inhibitAnyPolicy: 0 })).toEqual(HOLDS);
    expect(verdicts({ ...leaf, policies: [] }, { ...self, policyConstraints: { requireExplicitPolicy: 1 } })).toEqual(LEAF_FAILS);
  });

  it('a path of one is judged by its own certificate', () => {
    expect(policyVerdicts([aCaCertificate(explicit)], new RuleWork())).toEqual(['no-valid-policy']);
    expect(policyVerdicts([aCaCertificate({ ...explicit, policies: [P1] })], new RuleWork())).toEqual(['holds']);
  });

  it('X19 policies and mappings that explode a tree are counted, and what cannot be paid is no pass', () => {
    const many = Array.from({ length: 60 }, (_, i) => `1.3.${i}`);
    const policyMappings = many.flatMap((issuerDomain) => many.map((subjectDomain) => ({ issuerDomain, subjectDomain })));
    const path = [aCertificate({ policies: many }), aCaCertificate({ policies: many, policyMappings }), aCaCertificate({ policies: many, policyMappings }), aCaCertificate(explicit)];
    expect(policyVerdicts(path, new RuleWork())).toContain('budget');
  });
});
