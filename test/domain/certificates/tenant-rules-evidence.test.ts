import { describe, expect, it } from '@jest/globals';
import type { Certificate } from '../../../src/domain/certificates/certificate.ts';
import { askTenantRules, meetingRules } from '../../../src/domain/certificates/judge-tenant-rules.ts';
import { isChosenKey } from '../../../src/domain/certificates/key-rules.ts';
import { TENANT_RULES } from '../../../src/domain/certificates/tenant-rules.ts';
import { RULE_CHECKS, tenantRules } from '../../../src/domain/trust/rule-options.ts';
import { aCaCertificate, aCertificate } from '../../support/certificate-builders.ts';

const rulesOf = (options: Readonly<Record<string, string>> = {}) => {
  const modes = Object.fromEntries(RULE_CHECKS.map((check) => [`check.${check}`, 'enforce']));
  return tenantRules(new Map(Object.entries({ ...modes, ...options }).map(([key, value]) => [`fleetgate/${key}`, value])));
};
const six = (arc: string) => Array.from({ length: 6 }, (_, i) => `1.3.${arc}.${i}`);
const firstFive = (arc: string) => six(arc).slice(0, 5).join(' ');

/** What a rule shows of the first certificate of a path, whether it holds or not. */
const shown = (path: [Certificate, ...Certificate[]], code: string, rules = rulesOf()) => {
  const { rule, link } = [...askTenantRules(path, rules, RULE_CHECKS)].find(({ rule: { code: its }, depth }) => its === code && depth === 0)!;
  return rule.evidence(link);
};

describe('What a tenant’s own rule shows', () => {
  it('is none where there is nothing, and any where the tenant takes any', () => {
    const bare = aCertificate({ policies: undefined, extendedKeyUsage: undefined });
    expect(shown([bare, aCaCertificate()], 'path.no-chosen-policy', { ...rulesOf(), policies: {} })).toEqual({ certificate: '"CN=press-7"', policies: 'none', taken: 'any' });
    expect(shown([bare, aCaCertificate()], 'path.issuer-extended-key-usage')).toEqual({ certificate: '"CN=press-7"', usages: 'none' });
  });

  it('is the first five of many', () => {
    const many = aCertificate({ policies: six('1'), extendedKeyUsage: six('2') });
    expect(shown([many, aCaCertificate()], 'path.no-chosen-policy', rulesOf({ 'policies.initial': six('3').join(' ') }))).toEqual({ certificate: '"CN=press-7"', policies: firstFive('1'), taken: firstFive('3') });
    expect(shown([many, aCaCertificate()], 'path.issuer-extended-key-usage')).toEqual({ certificate: '"CN=press-7"', usages: firstFive('2') });
  });

  it('comes with a citation, a requirement and a remedy', () => {
    for (const { cites, requires, remedy } of TENANT_RULES) expect([cites, requires, remedy].every((text) => text.length >= 3)).toBe(true);
  });
});

describe('What nobody asks of a path', () => {
  it('holds: policies are not walked where their check is not named', () => {
    const links = [...askTenantRules([aCertificate(), aCaCertificate()], rulesOf(), ['key-sizes'])].map(({ link }) => link.policy);
    expect(links).toEqual(['holds', 'holds']);
  });

  it('leaves the paths as they are: without checks, or without a path', () => {
    const paths = [{ certificates: [aCertificate(), aCaCertificate()] as const }];
    const verdict = meetingRules(paths, rulesOf(), []);
    expect(verdict.granted && verdict.value).toBe(paths);
    expect(meetingRules([], rulesOf(), ['key-sizes'])).toEqual({ granted: true, value: [] });
  });
});

it('A key of no known kind is no choice of anybody', () => {
  expect(isChosenKey({ kind: 'unsupported', algorithm: 'DSA', spki: new Uint8Array() }, { rsaBits: 2048, curves: ['DSA', 'P-256'] })).toBe(false);
});
