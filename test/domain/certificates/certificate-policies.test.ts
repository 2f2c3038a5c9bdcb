import { describe, expect, it } from '@jest/globals';
import { policyVerdicts, type PolicyInputs } from '../../../src/domain/certificates/certificate-policies.ts';
import { RULE_WORK, RuleWork } from '../../../src/domain/certificates/rule-work.ts';
import { aCaCertificate, aCertificate, aName, type CertificateOverrides } from '../../support/certificate-builders.ts';

const ANY_POLICY = '2.5.29.32.0';
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

/** Counts how often it was asked. */
class CountedWork extends RuleWork {
  asked = 0;

  override spend(units: number): boolean {
    this.asked += 1;
    return super.spend(units);
  }
}

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
    ['one of the initial policies among others', HOLDS, [{ policies: [P1, P2] }, { policies: [P1, P2] }, explicit, { initialPolicies: [P2] }]],
    ['one of the initial policies among those that were mapped to one', HOLDS, [{ policies: [P3] }, { policies: [P1, P2], policyMappings: [{ issuerDomain: P1, subjectDomain: P3 }, { issuerDomain: P2, subjectDomain: P3 }] }, explicit, { initialPolicies: [P2] }]],
    ['an initial policy that anyPolicy stands for all the way', HOLDS, [{ policies: [ANY_POLICY] }, { policies: [ANY_POLICY] }, explicit, { initialPolicies: [P1] }]],
    ['no initial policy that anyPolicy could stand for', LEAF_FAILS, [{ policies: [ANY_POLICY] }, { policies: [ANY_POLICY] }, explicit, { initialPolicies: [] }]],
    ['an initial policy that anyPolicy stands for, under its mapped name', HOLDS, [{ policies: [P3] }, { policies: [ANY_POLICY], policyMappings: [{ issuerDomain: P2, subjectDomain: P3 }] }, explicit, { initialPolicies: [P2] }]],
    ['the mapped name of one that anyPolicy stands for, which is itself no initial policy', LEAF_FAILS, [{ policies: [P3] }, { policies: [ANY_POLICY], policyMappings: [{ issuerDomain: P2, subjectDomain: P3 }] }, explicit, { initialPolicies: [P3] }]],
    ['demanded by the anchor after two more', LEAF_FAILS, [{}, {}, { policyConstraints: { requireExplicitPolicy: 2 } }]],
    ['demanded by the anchor after two more, of which the self-issued one does not count', HOLDS, [{}, { subject: aName('CN=Works CA') }, { policyConstraints: { requireExplicitPolicy: 2 } }]],
    ['anyPolicy in the leaf, inhibited by the anchor after one more', LEAF_FAILS, [{ policies: [ANY_POLICY] }, { policies: [P1] }, { ...explicit, inhibitAnyPolicy: 1 }]],
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

  it('of two CAs each may map, and neither where the anchor lets only the first', () => {
    const path = (anchor: CertificateOverrides) => [
      aCertificate({ policies: [P3] }),
      aCaCertificate({ subject: aName('CN=Line CA'), policies: [P2], policyMappings: [{ issuerDomain: P2, subjectDomain: P3 }] }),
      aCaCertificate({ subject: aName('CN=Site CA'), policies: [P1], policyMappings: [{ issuerDomain: P1, subjectDomain: P2 }] }),
      aCaCertificate(anchor),
    ];
    expect(policyVerdicts(path(explicit), new RuleWork())).toEqual(['holds', 'holds', 'holds', 'holds']);
    expect(policyVerdicts(path({ policyConstraints: { requireExplicitPolicy: 0, inhibitPolicyMapping: 1 } }), new RuleWork())).toEqual(['no-valid-policy', 'holds', 'holds', 'holds']);
  });

  it('anyPolicy in the middle passes on what stands above it', () => {
    const middle = aCaCertificate({ subject: aName('CN=Line CA'), policies: [ANY_POLICY] });
    const path = (leaf: string) => [aCertificate({ policies: [leaf] }), middle, aCaCertificate({ subject: aName('CN=Site CA'), policies: [P1] }), aCaCertificate(explicit)];
    expect(policyVerdicts(path(P1), new RuleWork())).toEqual(['holds', 'holds', 'holds', 'holds']);
    expect(policyVerdicts(path(P2), new RuleWork())).toEqual(['no-valid-policy', 'holds', 'holds', 'holds']);
  });

  it('a path of one is judged by its own certificate', () => {
    expect(policyVerdicts([aCaCertificate(explicit)], new RuleWork())).toEqual(['no-valid-policy']);
    expect(policyVerdicts([aCaCertificate({ ...explicit, policies: [P1] })], new RuleWork())).toEqual(['holds']);
    expect(policyVerdicts([aCaCertificate({ ...explicit, policies: [ANY_POLICY], inhibitAnyPolicy: 0 })], new RuleWork())).toEqual(['holds']);
  });

  it('X19 policies and mappings that explode a tree are counted, and what cannot be paid is no pass', () => {
    const many = Array.from({ length: 60 }, (_, i) => `1.3.${i}`);
    const policyMappings = many.flatMap((issuerDomain) => many.map((subjectDomain) => ({ issuerDomain, subjectDomain })));
    const path = [aCertificate({ policies: many }), aCaCertificate({ policies: many, policyMappings }), aCaCertificate({ policies: many, policyMappings }), aCaCertificate(explicit)];
    expect(policyVerdicts(path, new RuleWork())).toEqual(['budget', 'holds', 'holds', 'holds']);
  });

  it('X19 one policy that is mapped to two costs nine steps', () => {
    const policyMappings = [P2, P3].map((subjectDomain) => ({ issuerDomain: P1, subjectDomain }));
    const path = [aCertificate({ policies: [P2] }), aCaCertificate({ policies: [P1], policyMappings }), aCaCertificate(explicit)];
    const left = (units: number) => {
      const work = new RuleWork();
      work.spend(RULE_WORK - units);
      return policyVerdicts(path, work);
    };
    expect(left(9)).toEqual(HOLDS);
    expect(left(8)).toEqual(['budget', 'holds', 'holds']);
    expect(left(4)).toEqual(['budget', 'budget', 'holds']);
  });

  it('X19 nothing more is compared once the steps are spent', () => {
    const work = new CountedWork();
    const policyMappings = Array.from({ length: 100 }, (_, i) => ({ issuerDomain: `1.3.${i}`, subjectDomain: P1 }));
    work.spend(RULE_WORK - 3);
    expect(policyVerdicts([aCertificate(), aCaCertificate({ policies: [P1], policyMappings }), aCaCertificate()], work)).toEqual(['budget', 'budget', 'holds']);
    expect(work.asked).toBeLessThanOrEqual(4);
  });
});
