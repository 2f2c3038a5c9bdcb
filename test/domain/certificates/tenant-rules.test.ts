import { describe, expect, it } from '@jest/globals';
import { OID, type Certificate, type PublicKey } from '../../../src/domain/certificates/certificate.ts';
import { askTenantRules, checksIn, meetingRules, wouldBeRefused } from '../../../src/domain/certificates/judge-tenant-rules.ts';
import { isAcceptedKey } from '../../../src/domain/certificates/key-rules.ts';
import { TENANT_RULES, type TenantRuleCode } from '../../../src/domain/certificates/tenant-rules.ts';
import { RULE_CHECKS, tenantRules } from '../../../src/domain/trust/rule-options.ts';
import type { CheckMode } from '../../../src/domain/trust/check-options.ts';
import { aCaCertificate, aCertificate, aKey, aName } from '../../support/certificate-builders.ts';

const POLICY = '1.3.6.1.4.1.99999.1';
const OTHER_POLICY = '1.3.6.1.4.1.99999.2';
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const SPKI = new Uint8Array();
const ec = (curve: 'P-256' | 'P-384' | 'P-521'): PublicKey => ({ kind: 'ec', curve, spki: SPKI });
const ED25519: PublicKey = { kind: 'ed25519', spki: SPKI };

/** Leaf, intermediate, anchor. */
type Path = [Certificate, Certificate, Certificate];
type Change = { [Field in keyof Certificate]?: Certificate[Field] | undefined };

/** What is asked stands exactly on what the path has: RSA 3072, P-384, one policy, usages for clients. */
const goodPath = (): Path => [
  aCertificate({ issuer: aName('CN=Line CA'), publicKey: aKey({ bits: 3072 }), policies: [POLICY] }),
  aCaCertificate({ subject: aName('CN=Line CA'), publicKey: ec('P-384'), policies: [POLICY], extendedKeyUsage: [SERVER_AUTH, OID.clientAuth] }),
  aCaCertificate({ publicKey: aKey({ bits: 3072 }), extendedKeyUsage: [OID.anyExtendedKeyUsage] }),
];
const CHOICES = { 'keys.rsa-bits': '3072', 'keys.curves': 'P-384 P-521', 'policies.initial': POLICY };
const asked = (mode: CheckMode, choices: Readonly<Record<string, string>> = {}) => {
  const modes = Object.fromEntries(RULE_CHECKS.map((check) => [`check.${check}`, mode]));
  return tenantRules(new Map(Object.entries({ ...modes, ...CHOICES, ...choices }).map(([key, value]) => [`fleetgate/${key}`, value])));
};
const judged = (path: Path, choices: Readonly<Record<string, string>> = {}) => {
  const rules = asked('enforce', choices);
  return meetingRules([{ certificates: path }], rules, checksIn(rules, 'enforce'));
};
const spoiling = (at: number, change: Change) => (path: Path) => void (path[at] = { ...path[at]!, ...change } as Certificate);
const everywhere = (change: Change) => (path: Path) => [0, 1, 2].forEach((at) => spoiling(at, change)(path));

const SPOILT: readonly [why: string, code: TenantRuleCode, depth: number, spoil: (path: Path) => void, choices?: Readonly<Record<string, string>>][] = [
  ['a device with RSA 3071', 'key.not-chosen', 0, spoiling(0, { publicKey: aKey({ bits: 3071 }) })],
  ['an intermediate with RSA 2048', 'key.not-chosen', 1, spoiling(1, { publicKey: aKey() })],
  ['a trusted certificate with RSA 2048', 'key.not-chosen', 2, spoiling(2, { publicKey: aKey() })],
  ['a device on a curve that was not named', 'key.not-chosen', 0, spoiling(0, { publicKey: ec('P-256') })],
  ['a device with Ed25519 where it was not named', 'key.not-chosen', 0, spoiling(0, { publicKey: ED25519 })],
  ['a key of no known kind', 'key.not-chosen', 0, spoiling(0, { publicKey: { kind: 'unsupported', algorithm: 'DSA', spki: SPKI } })],
  ['RSA where none is taken', 'key.not-chosen', 2, () => undefined, { 'keys.rsa-bits': 'none' }],
  ['a curve where none is taken', 'key.not-chosen', 1, () => undefined, { 'keys.curves': 'none' }],
  ['a device without a policy', 'path.no-chosen-policy', 0, spoiling(0, { policies: undefined })],
  ['a device with another policy', 'path.no-chosen-policy', 0, spoiling(0, { policies: [OTHER_POLICY] })],
  ['an intermediate without a policy', 'path.no-chosen-policy', 1, spoiling(1, { policies: undefined })],
  ['a path with another policy throughout', 'path.no-chosen-policy', 0, everywhere({ policies: [OTHER_POLICY] })],
  ['no policy where any will do', 'path.no-chosen-policy', 0, spoiling(0, { policies: undefined }), { 'policies.initial': 'any' }],
  ['a mapping that the tenant does not follow', 'path.no-chosen-policy', 0, (path) => { spoiling(1, { policyMappings: [{ issuerDomain: POLICY, subjectDomain: OTHER_POLICY }] })(path); spoiling(0, { policies: [OTHER_POLICY] })(path); }, { 'policies.inhibit-mapping': 'true' }],
  ['anyPolicy where the tenant does not take it', 'path.no-chosen-policy', 1, spoiling(1, { policies: ['2.5.29.32.0'] }), { 'policies.inhibit-any': 'true' }],
  ['an intermediate for servers', 'path.issuer-extended-key-usage', 1, spoiling(1, { extendedKeyUsage: [SERVER_AUTH] })],
  ['a trusted certificate for servers', 'path.issuer-extended-key-usage', 2, spoiling(2, { extendedKeyUsage: [SERVER_AUTH] })],
];

const TOLERATED: readonly [why: string, change: (path: Path) => void, choices?: Readonly<Record<string, string>>][] = [
  ['nothing at all: everything stands exactly on what is asked', () => undefined],
  ['RSA beyond what is asked', spoiling(0, { publicKey: aKey({ bits: 8192 }) })],
  ['the other curve that was named', spoiling(1, { publicKey: ec('P-521') })],
  ['Ed25519 where it was named', spoiling(0, { publicKey: ED25519 }), { 'keys.curves': 'Ed25519 P-384' }],
  ['any key of D-9 where only the least is asked', spoiling(0, { publicKey: aKey() }), { 'keys.rsa-bits': '2048' }],
  ['several policies, one of which is taken', spoiling(0, { policies: [OTHER_POLICY, POLICY] })],
  ['one of several policies that are taken', everywhere({ policies: [OTHER_POLICY] }), { 'policies.initial': `${POLICY} ${OTHER_POLICY}` }],
  ['another policy where any will do', everywhere({ policies: [OTHER_POLICY] }), { 'policies.initial': 'any' }],
  ['no policy where none is demanded', everywhere({ policies: undefined }), { 'policies.require-explicit': 'false' }],
  ['a mapping of a policy', (path) => { spoiling(1, { policyMappings: [{ issuerDomain: POLICY, subjectDomain: OTHER_POLICY }] })(path); spoiling(0, { policies: [OTHER_POLICY] })(path); }],
  ['anyPolicy of an intermediate', spoiling(1, { policies: ['2.5.29.32.0'] })],
  ['a trusted certificate without a policy, which brings none (D-10)', spoiling(2, { policies: undefined })],
  ['CAs without extended key usage', everywhere({ extendedKeyUsage: undefined })],
  ['a device for servers, which the rule of every path sees to', spoiling(0, { extendedKeyUsage: [SERVER_AUTH] })],
];

describe('What a tenant asks beyond RFC 5280 and D-9', () => {
  it.each(SPOILT)('%s is refused as %s at depth %i', (_why, code, depth, spoil, choices = {}) => {
    const path = goodPath();
    spoil(path);
    expect(judged(path, choices)).toEqual({ granted: false, refusal: { code, depth, evidence: expect.any(Object) } });
  });

  it.each(TOLERATED)('%s spoils nothing', (_why, change, choices = {}) => {
    const path = goodPath();
    change(path);
    expect(judged(path, choices)).toEqual({ granted: true, value: [{ certificates: path }] });
  });

  it('takes a device that is its own anchor as a path of one', () => {
    const own = aCaCertificate({ publicKey: aKey({ bits: 3072 }), policies: [POLICY], extendedKeyUsage: [OID.clientAuth] });
    const rules = asked('enforce');
    expect(meetingRules([{ certificates: [own] }], rules, checksIn(rules, 'enforce')).granted).toBe(true);
    expect(meetingRules([{ certificates: [{ ...own, publicKey: aKey() }] }], rules, checksIn(rules, 'enforce'))).toMatchObject({ refusal: { code: 'key.not-chosen', depth: 0 } });
  });

  it('tells what was found and what is taken', () => {
    const path = goodPath();
    spoiling(0, { publicKey: aKey() })(path);
    expect(judged(path)).toMatchObject({ refusal: { evidence: { certificate: '"CN=press-7"', key: 'RSA 2048 with exponent 3', taken: 'RSA 3072, P-384, P-521' } } });
    expect(judged(goodPath(), { 'keys.rsa-bits': 'none', 'keys.curves': 'none' })).toMatchObject({ refusal: { evidence: { taken: 'none' } } });
    spoiling(0, { publicKey: ec('P-384'), policies: [OTHER_POLICY] })(path);
    expect(judged(path)).toMatchObject({ refusal: { evidence: { policies: OTHER_POLICY, taken: POLICY } } });
    spoiling(1, { extendedKeyUsage: [SERVER_AUTH] })(path);
    expect(judged(path)).toMatchObject({ refusal: { evidence: { certificate: '"CN=Line CA"', usages: SERVER_AUTH } } });
  });

  it('never takes a key that D-9 does not', () => {
    const weak: readonly PublicKey[] = [aKey({ bits: 2047 }), { kind: 'unsupported', algorithm: 'P-192', spki: SPKI }];
    const all = asked('enforce', { 'keys.rsa-bits': '2048', 'keys.curves': 'P-256 P-384 P-521 Ed25519' });
    for (const publicKey of weak) {
      expect(isAcceptedKey(publicKey)).toBe(false);
      expect(meetingRules([{ certificates: [aCertificate({ publicKey })] }], all, ['key-sizes']).granted).toBe(false);
    }
  });

  it('has a row for every rule', () => {
    expect(new Set(SPOILT.map(([, code]) => code))).toEqual(new Set(TENANT_RULES.map(({ code }) => code)));
    expect(new Set(TENANT_RULES.map(({ check }) => check))).toEqual(new Set(RULE_CHECKS));
  });
});

describe('How optional rules act', () => {
  const weakKey = (): Path => { const path = goodPath(); spoiling(0, { publicKey: aKey() })(path); return path; };
  const forServers = (): Path => { const path = goodPath(); spoiling(1, { extendedKeyUsage: [SERVER_AUTH] })(path); return path; };
  const paths = (...all: Path[]) => all.map((certificates) => ({ certificates }));
  const codes = (all: readonly Path[], rules = asked('report')) => wouldBeRefused(paths(...all), rules).map(({ code }) => code);

  it('one path that meets them will do, and only such paths count', () => {
    const [bad, good] = paths(weakKey(), goodPath());
    const rules = asked('enforce');
    expect(meetingRules([bad!, good!], rules, checksIn(rules, 'enforce'))).toEqual({ granted: true, value: [good] });
    expect(meetingRules([bad!, ...paths(forServers())], rules, checksIn(rules, 'enforce'))).toMatchObject({ refusal: { code: 'key.not-chosen' } });
  });

  it('off asks nothing, and checks that are not named are not asked', () => {
    const worst = paths(weakKey());
    expect(checksIn(asked('off'), 'report', 'enforce')).toEqual([]);
    expect(meetingRules(worst, asked('enforce'), [])).toEqual({ granted: true, value: worst });
    expect(meetingRules(worst, asked('enforce'), ['eku-nesting', 'policies']).granted).toBe(true);
    expect([...askTenantRules(goodPath(), asked('enforce'), ['policies'])].map(({ rule, depth }) => [rule.check, depth])).toEqual([['policies', 2], ['policies', 1], ['policies', 0]]);
  });

  it('report names each check that would refuse by itself', () => {
    const path = weakKey();
    spoiling(1, { extendedKeyUsage: [SERVER_AUTH] })(path);
    expect(codes([path])).toEqual(['path.issuer-extended-key-usage', 'key.not-chosen']);
    expect(codes([goodPath()])).toEqual([]);
    expect(codes([path], asked('enforce'))).toEqual([]);
  });

  it('report names one where each check has a path, and all together have none', () => {
    expect(codes([weakKey(), forServers()])).toEqual(['key.not-chosen']);
    expect(codes([weakKey(), forServers(), goodPath()])).toEqual([]);
  });
});
