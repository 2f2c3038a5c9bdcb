import { describe, expect, it } from '@jest/globals';
import { OID, type Certificate, type PublicKey } from '../../../src/domain/certificates/certificate.ts';
import { ANY_POLICY } from '../../../src/domain/certificates/certificate-policies.ts';
import type { GeneralName, NameConstraints } from '../../../src/domain/certificates/general-name.ts';
import { PATH_RULES, type PathRuleCode } from '../../../src/domain/certificates/path-rules.ts';
import { RuleWork } from '../../../src/domain/certificates/rule-work.ts';
import { validatePath, type CandidatePath } from '../../../src/domain/certificates/validate-path.ts';
import { aCaCertificate, aCertificate, aKey, aName, aSignature, after, NOW, SECOND } from '../../support/certificate-builders.ts';

const LEAF = 0;
const INTERMEDIATE = 1;
const ANCHOR = 2;

/** Leaf, intermediate, anchor; each stands exactly on every limit that its place allows. */
interface Parts {
  leaf: Certificate;
  intermediate: Certificate;
  anchor: Certificate;
  signed: CandidatePath['signed'];
  at: Date;
}

const goodParts = (): Parts => ({
  leaf: aCertificate({ issuer: aName('CN=Line CA') }),
  intermediate: aCaCertificate({ subject: aName('CN=Line CA') }),
  anchor: aCaCertificate({ basicConstraints: { ca: true, pathLength: 1 } }),
  signed: ['yes', 'yes'],
  at: NOW,
});

const judge = ({ leaf, intermediate, anchor, signed, at }: Parts) =>
  validatePath({ certificates: [leaf, intermediate, anchor], signed }, { at, work: new RuleWork() });

/** Takes a good path and makes one certificate of it another. */
const spoiling = (which: 'leaf' | 'intermediate' | 'anchor', change: Partial<Certificate>) => (parts: Parts) => {
  Object.assign(parts[which], change);
};
const withCritical = (which: 'leaf' | 'intermediate' | 'anchor', oid: string, critical = true) => (parts: Parts) => {
  Object.assign(parts[which], { extensions: [...parts[which].extensions, { oid, critical }] });
};

const dns = (value: string): GeneralName => ({ form: 'dns', value });
const dn = (text: string): GeneralName => ({ form: 'directory', name: aName(text) });
const constrain = (which: 'anchor' | 'intermediate', constraints: Partial<NameConstraints>) =>
  spoiling(which, { nameConstraints: { permitted: [], excluded: [], ...constraints } });

const UNKNOWN_OID = '1.3.6.1.4.1.55555.1';
const DSA: PublicKey = { kind: 'unsupported', algorithm: 'DSA', spki: new Uint8Array() };

const SPOILT: readonly [why: string, code: PathRuleCode, depth: number, spoil: (parts: Parts) => void][] = [
  ['X14 a leaf with RSA 2047', 'key.not-accepted', LEAF, spoiling('leaf', { publicKey: aKey({ bits: 2047 }) })],
  ['an intermediate with RSA 8193', 'key.not-accepted', INTERMEDIATE, spoiling('intermediate', { publicKey: aKey({ bits: 8193 }) })],
  ['S09 an RSA exponent of 1', 'key.not-accepted', LEAF, spoiling('leaf', { publicKey: aKey({ exponent: 1n }) })],
  ['S09 an even RSA exponent', 'key.not-accepted', LEAF, spoiling('leaf', { publicKey: aKey({ exponent: 4n }) })],
  ['X14 an anchor with a DSA key', 'key.not-accepted', ANCHOR, spoiling('anchor', { publicKey: DSA })],
  ['X14 a leaf signed with SHA-1', 'key.signature-algorithm-not-accepted', LEAF, spoiling('leaf', { signature: aSignature({ hash: 'sha1' }) })],
  ['X14 an intermediate signed with MD5', 'key.signature-algorithm-not-accepted', INTERMEDIATE, spoiling('intermediate', { signature: aSignature({ hash: 'md5' }) })],
  ['a leaf signed with SHA-224', 'key.signature-algorithm-not-accepted', LEAF, spoiling('leaf', { signature: aSignature({ hash: 'sha224' }) })],
  ['a leaf signed by an unknown algorithm', 'key.signature-algorithm-not-accepted', LEAF, spoiling('leaf', { signature: { scheme: 'unknown', name: '1.2.3' } })],
  ['X15 a leaf whose two algorithms differ', 'path.signature-algorithms-differ', LEAF, spoiling('leaf', { signatureAlgorithmsAgree: false })],
  ['X15 an intermediate whose two algorithms differ', 'path.signature-algorithms-differ', INTERMEDIATE, spoiling('intermediate', { signatureAlgorithmsAgree: false })],
  ['X03 a leaf signed by another key', 'path.signature-invalid', LEAF, (parts) => (parts.signed = ['no', 'yes'])],
  ['an intermediate signed by another key', 'path.signature-invalid', INTERMEDIATE, (parts) => (parts.signed = ['yes', 'no'])],
  ['a signature that nobody checked', 'path.signature-invalid', LEAF, (parts) => (parts.signed = ['not-tried', 'yes'])],
  ['a signature that nobody spoke of', 'path.signature-invalid', INTERMEDIATE, (parts) => (parts.signed = ['yes'])],
  ['X04 a leaf expired by 1 s', 'path.outside-validity', LEAF, spoiling('leaf', { notBefore: after(-9 * SECOND), notAfter: after(-SECOND) })],
  ['X04 a leaf that begins in 1 s', 'path.outside-validity', LEAF, spoiling('leaf', { notBefore: after(SECOND), notAfter: after(9 * SECOND) })],
  ['X05 an intermediate expired by 1 s', 'path.outside-validity', INTERMEDIATE, spoiling('intermediate', { notBefore: after(-9 * SECOND), notAfter: after(-SECOND) })],
  ['X06 an anchor expired by 1 s', 'path.outside-validity', ANCHOR, spoiling('anchor', { notBefore: after(-9 * SECOND), notAfter: after(-SECOND) })],
  ['a leaf that names another issuer', 'path.names-do-not-chain', LEAF, spoiling('leaf', { issuer: aName('CN=Other CA') })],
  ['an intermediate that names another issuer', 'path.names-do-not-chain', INTERMEDIATE, spoiling('intermediate', { issuer: aName('CN=Other CA') })],
  ['X12 a name that the anchor excludes', 'path.name-excluded', LEAF, (parts) => { constrain('anchor', { excluded: [dns('example.com')] })(parts); spoiling('leaf', { subjectAltNames: [dns('press.example.com')] })(parts); }],
  ['X12 a name of a device that is called like its CA', 'path.name-excluded', LEAF, (parts) => { constrain('anchor', { excluded: [dns('example.com')] })(parts); spoiling('leaf', { subject: aName('CN=Line CA'), subjectAltNames: [dns('press.example.com')] })(parts); }],
  ['X12 a subject that an intermediate does not permit', 'path.name-not-permitted', LEAF, constrain('intermediate', { permitted: [dn('O=Works')] })],
  ['X12 an intermediate’s own name that the anchor does not permit', 'path.name-not-permitted', INTERMEDIATE, (parts) => { constrain('anchor', { permitted: [dns('example.com')] })(parts); spoiling('intermediate', { subjectAltNames: [dns('elsewhere.com')] })(parts); }],
  ['X19 more names and constraints than can be compared', 'path.too-much-to-compare', LEAF, (parts) => { constrain('anchor', { excluded: Array.from({ length: 150 }, (_, i) => dns(`x${i}.com`)) })(parts); spoiling('leaf', { subjectAltNames: Array.from({ length: 150 }, (_, i) => dns(`y${i}.com`)) })(parts); }],
  ['X19 more policies and mappings than can be compared', 'path.too-much-to-compare', LEAF, (parts) => { const policies = Array.from({ length: 100 }, (_, i) => `1.3.${i}`); spoiling('intermediate', { policies, policyMappings: policies.flatMap((issuerDomain) => policies.map((subjectDomain) => ({ issuerDomain, subjectDomain }))) })(parts); spoiling('leaf', { policies })(parts); }],
  ['no policy where the anchor demands one', 'path.no-valid-policy', INTERMEDIATE, spoiling('anchor', { policyConstraints: { requireExplicitPolicy: 0 } })],
  ['a mapping of anyPolicy', 'path.maps-any-policy', INTERMEDIATE, spoiling('intermediate', { policyMappings: [{ issuerDomain: ANY_POLICY, subjectDomain: '1.2.3' }] })],
  ['an intermediate of version 1', 'path.issuer-is-not-version-3', INTERMEDIATE, spoiling('intermediate', { version: 1 })],
  ['an anchor of version 1', 'path.issuer-is-not-version-3', ANCHOR, spoiling('anchor', { version: 1 })],
  ['X07 an intermediate without basicConstraints', 'path.issuer-is-not-a-ca', INTERMEDIATE, (parts) => delete (parts.intermediate as { basicConstraints?: unknown }).basicConstraints],
  ['X07 an intermediate with CA:FALSE', 'path.issuer-is-not-a-ca', INTERMEDIATE, spoiling('intermediate', { basicConstraints: { ca: false } })],
  ['an anchor with CA:FALSE', 'path.issuer-is-not-a-ca', ANCHOR, spoiling('anchor', { basicConstraints: { ca: false } })],
  ['X09 an anchor that allows no CA below it', 'path.too-long', ANCHOR, spoiling('anchor', { basicConstraints: { ca: true, pathLength: 0 } })],
  ['X08 an intermediate without keyCertSign', 'path.issuer-may-not-sign', INTERMEDIATE, spoiling('intermediate', { keyUsage: new Set(['cRLSign'] as const) })],
  ['an anchor without keyCertSign', 'path.issuer-may-not-sign', ANCHOR, spoiling('anchor', { keyUsage: new Set(['digitalSignature'] as const) })],
  ['X11 an unknown critical extension in the leaf', 'path.unknown-critical-extension', LEAF, withCritical('leaf', UNKNOWN_OID)],
  ['X11 an unknown critical extension in an intermediate', 'path.unknown-critical-extension', INTERMEDIATE, withCritical('intermediate', UNKNOWN_OID)],
  ['X11 an unknown critical extension in the anchor', 'path.unknown-critical-extension', ANCHOR, withCritical('anchor', UNKNOWN_OID)],
  ['a leaf that may not sign', 'path.key-usage', LEAF, spoiling('leaf', { keyUsage: new Set(['keyEncipherment'] as const) })],
  ['X10 a leaf for servers only', 'path.extended-key-usage', LEAF, spoiling('leaf', { extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'] })],
  ['X10 a leaf with an empty extended key usage', 'path.extended-key-usage', LEAF, spoiling('leaf', { extendedKeyUsage: [] })],
];

const TOLERATED: readonly [why: string, change: (parts: Parts) => void][] = [
  ['nothing at all: everything stands exactly on its limit', () => undefined],
  ['X10 a leaf without extended key usage', (parts) => delete (parts.leaf as { extendedKeyUsage?: unknown }).extendedKeyUsage],
  ['X10 a leaf for any usage', spoiling('leaf', { extendedKeyUsage: [OID.anyExtendedKeyUsage] })],
  ['a leaf without keyUsage', (parts) => delete (parts.leaf as { keyUsage?: unknown }).keyUsage],
  ['CAs without keyUsage', (parts) => { delete (parts.anchor as { keyUsage?: unknown }).keyUsage; delete (parts.intermediate as { keyUsage?: unknown }).keyUsage; }],
  ['X11 an unknown extension that is not critical', withCritical('leaf', UNKNOWN_OID, false)],
  ['a critical subjectAltName', withCritical('leaf', OID.subjectAltName)],
  ['critical certificate policies, name constraints and the like, which are enforced', (parts) => [OID.certificatePolicies, OID.nameConstraints, OID.policyMappings, OID.policyConstraints, OID.inhibitAnyPolicy].forEach((oid) => withCritical('intermediate', oid)(parts))],
  ['names that the CAs above permit', (parts) => { constrain('anchor', { permitted: [dns('example.com')], excluded: [dns('no.example.com')] })(parts); spoiling('leaf', { subjectAltNames: [dns('press.example.com')] })(parts); }],
  ['a self-issued intermediate with a name that the anchor forbids', (parts) => { constrain('anchor', { excluded: [dns('works')] })(parts); spoiling('anchor', { basicConstraints: { ca: true, pathLength: 0 } })(parts); spoiling('intermediate', { subject: aName('CN=Works CA'), issuer: aName('CN=Works CA'), subjectAltNames: [dns('works')] })(parts); spoiling('leaf', { issuer: aName('CN=Works CA') })(parts); }],
  ['an explicit policy that is valid all the way down', (parts) => { spoiling('anchor', { policyConstraints: { requireExplicitPolicy: 0 } })(parts); spoiling('intermediate', { policies: ['1.2.3'] })(parts); spoiling('leaf', { policies: ['1.2.3'] })(parts); }],
  ['an anchor whose own signature is SHA-1 (D-4)', spoiling('anchor', { signature: aSignature({ hash: 'sha1' }), signatureAlgorithmsAgree: false })],
  ['an extended key usage of an intermediate', spoiling('intermediate', { extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'] })],
  ['X23 a leaf with CA:TRUE under another anchor', spoiling('leaf', { basicConstraints: { ca: true, pathLength: 0 } })],
  ['a leaf of version 1', spoiling('leaf', { version: 1 })],
  ['RSA 8192', spoiling('intermediate', { publicKey: aKey({ bits: 8192 }) })],
  ['names that differ in case and white space only', spoiling('leaf', { issuer: aName('CN=LINE   ca', 'PrintableString') })],
  ['X09 a self-issued CA beyond the path length, which does not count', spoiling('intermediate', { subject: aName('CN=Works CA'), issuer: aName('CN=Works CA') })],
];

const LEAF_NAME = { certificate: '"CN=press-7"' };
const INTERMEDIATE_NAME = { certificate: '"CN=Line CA"' };

/** What the reader of a refusal gets to see beside its code. */
const EVIDENCE: readonly [code: PathRuleCode, evidence: object, spoil: (parts: Parts) => void][] = [
  ['key.not-accepted', { ...LEAF_NAME, key: 'RSA 2047 with exponent 3' }, spoiling('leaf', { publicKey: aKey({ bits: 2047 }) })],
  ['key.signature-algorithm-not-accepted', { ...LEAF_NAME, algorithm: 'SHA1withRSA' }, spoiling('leaf', { signature: aSignature({ hash: 'sha1', name: 'SHA1withRSA' }) })],
  ['path.signature-algorithms-differ', LEAF_NAME, spoiling('leaf', { signatureAlgorithmsAgree: false })],
  ['path.signature-invalid', { ...LEAF_NAME, issuer: '"CN=Line CA"' }, (parts) => (parts.signed = ['no', 'yes'])],
  [
    'path.outside-validity', { ...LEAF_NAME, notBefore: '2026-11-24T11:59:51.000Z', notAfter: '2026-11-24T11:59:59.000Z', now: '2026-11-24T12:00:00.000Z' },
    spoiling('leaf', { notBefore: after(-9 * SECOND), notAfter: after(-SECOND) }),
  ],
  ['path.names-do-not-chain', { ...LEAF_NAME, issuer: '"CN=Other CA"' }, spoiling('leaf', { issuer: aName('CN=Other CA') })],
  [
    'path.name-excluded', { ...LEAF_NAME, name: 'DNS "press.example.com"', constraint: 'DNS "example.com"' },
    (parts) => { constrain('anchor', { excluded: [dns('example.com')] })(parts); spoiling('leaf', { subjectAltNames: [dns('press.example.com')] })(parts); },
  ],
  ['path.name-not-permitted', { ...LEAF_NAME, name: 'DN CN=press-7', constraint: 'DN O=Works' }, constrain('intermediate', { permitted: [dn('O=Works')] })],
  ['path.issuer-is-not-version-3', { ...INTERMEDIATE_NAME, version: 1 }, spoiling('intermediate', { version: 1 })],
  ['path.too-long', { certificate: '"CN=Works CA"', allowed: 0, counted: 1 }, spoiling('anchor', { basicConstraints: { ca: true, pathLength: 0 } })],
  ['path.unknown-critical-extension', { ...LEAF_NAME, extension: UNKNOWN_OID }, withCritical('leaf', UNKNOWN_OID)],
  ['path.unknown-critical-extension', { ...LEAF_NAME, extension: `${UNKNOWN_OID} and 2 more` }, (parts) => ['', '.2', '.3'].forEach((end) => withCritical('leaf', UNKNOWN_OID + end)(parts))],
  ['path.extended-key-usage', { ...LEAF_NAME, usages: '1 2 3 4 5' }, spoiling('leaf', { extendedKeyUsage: ['1', '2', '3', '4', '5', '6'] })],
];

describe('A path is trusted by RFC 5280 §6.1 and by nothing less', () => {
  it.each(SPOILT)('%s is refused as %s at depth %i', (_why, code, depth, spoil) => {
    const parts = goodParts();
    spoil(parts);
    expect(judge(parts)).toEqual({ granted: false, refusal: { code, depth, evidence: expect.any(Object) } });
  });

  it.each(TOLERATED)('%s spoils nothing', (why, change) => {
    const parts = goodParts();
    change(parts);
    if (why.startsWith('X09')) {
      Object.assign(parts.anchor, { basicConstraints: { ca: true, pathLength: 0 } });
      Object.assign(parts.leaf, { issuer: aName('CN=Works CA') });
    }
    expect(judge(parts)).toEqual({ granted: true, value: parts.leaf });
  });

  it('X23 takes a device certificate that is its own anchor as a path of one, held to the rules of both', () => {
    const own = aCaCertificate({ subject: aName('CN=press-7'), issuer: aName('CN=press-7'), keyUsage: undefined });
    expect(validatePath({ certificates: [own], signed: [] }, { at: NOW, work: new RuleWork() }).granted).toBe(true);
    const forServers = { ...own, extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'] };
    expect(validatePath({ certificates: [forServers], signed: [] }, { at: NOW, work: new RuleWork() })).toMatchObject({ refusal: { code: 'path.extended-key-usage', depth: 0 } });
    const noCa = { ...own, basicConstraints: { ca: false } };
    expect(validatePath({ certificates: [noCa], signed: [] }, { at: NOW, work: new RuleWork() })).toMatchObject({ refusal: { code: 'path.issuer-is-not-a-ca', depth: 0 } });
    const version1 = { ...own, version: 1 };
    expect(validatePath({ certificates: [version1], signed: [] }, { at: NOW, work: new RuleWork() })).toMatchObject({ refusal: { code: 'path.issuer-is-not-version-3', depth: 0 } });
    const signsNothing = { ...own, keyUsage: new Set(['digitalSignature'] as const) };
    expect(validatePath({ certificates: [signsNothing], signed: [] }, { at: NOW, work: new RuleWork() })).toMatchObject({ refusal: { code: 'path.issuer-may-not-sign', depth: 0 } });
  });

  it('reports what is nearest to the anchor when several things are wrong', () => {
    const parts = goodParts();
    spoiling('leaf', { version: 3, extendedKeyUsage: [] })(parts);
    spoiling('intermediate', { basicConstraints: { ca: false } })(parts);
    expect(judge(parts)).toMatchObject({ refusal: { code: 'path.issuer-is-not-a-ca', depth: INTERMEDIATE } });
  });

  it.each(EVIDENCE)('shows what was found: %s', (code, evidence, spoil) => {
    const parts = goodParts();
    spoil(parts);
    expect(judge(parts)).toEqual({ granted: false, refusal: { code, depth: expect.any(Number), evidence } });
  });

  it('has a row in the table above for every rule', () => {
    const covered = new Set(SPOILT.map(([, code]) => code));
    expect(PATH_RULES.map(({ code }) => code).filter((code) => !covered.has(code))).toEqual([]);
  });

  it('cites, requires and advises something in every rule, and names none twice', () => {
    for (const { cites, requires, remedy } of PATH_RULES) {
      expect([cites, requires, remedy].every((text) => text.length >= 3)).toBe(true);
    }
    const codes = PATH_RULES.map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
  });
});
