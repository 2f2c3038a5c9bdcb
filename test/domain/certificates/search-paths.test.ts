import { describe, expect, it } from '@jest/globals';
import { buildPaths, SEARCH_BUDGET } from '../../../src/domain/certificates/build-paths.ts';
import type { Certificate } from '../../../src/domain/certificates/certificate.ts';
import { hasFormOf } from '../../../src/domain/certificates/key-rules.ts';
import { judgePaths } from '../../../src/domain/certificates/judge-paths.ts';
import type { TrustAnchor } from '../../../src/domain/trust/trust-anchor.ts';
import { aCaCertificate, aCertificate, aKey, aName, anAnchor, aSignature, aTenantId, after, DAY, NOW, SECOND } from '../../support/certificate-builders.ts';

/** In these tests a key signs what names it in its serial number: `by:<key>`. */
const key = (name: string) => aKey({ spki: new TextEncoder().encode(name) });
const keyName = ({ publicKey }: Certificate) => new TextDecoder().decode(publicKey.spki);
const signedBy = (name: string) => ({ serialNumber: `by:${name}` });

const verifier = () => {
  const asked: [Certificate, Certificate][] = [];
  const verifies = (child: Certificate, issuer: Certificate) => {
    asked.push([child, issuer]);
    return child.serialNumber === `by:${keyName(issuer)}` || child.serialNumber === 'by:everybody';
  };
  return { verifies, asked };
};

const leafOf = (issuer: string, signer = issuer) =>
  aCertificate({ issuer: aName(`CN=${issuer}`), publicKey: key('leaf'), ...signedBy(signer) });
const ca = (name: string, issuer: string, { signer = issuer, own = name, pathLength = 20 } = {}) =>
  aCaCertificate({
    subject: aName(`CN=${name}`),
    issuer: aName(`CN=${issuer}`),
    publicKey: key(own),
    basicConstraints: { ca: true, pathLength },
    ...signedBy(signer),
  });
const anchor = (certificate: Certificate, overrides: Partial<TrustAnchor> = {}) => anAnchor({ certificate, ...overrides });

const ROOT = ca('Root', 'Root');
const MID = ca('Mid', 'Root');
const LEAF = leafOf('Mid');

function judge(chain: readonly [Certificate, ...Certificate[]], anchors: readonly TrustAnchor[], at = NOW) {
  const { verifies, asked } = verifier();
  const found = buildPaths({ chain, anchors, verifies });
  const verdict = judgePaths(found, at);
  return { found, verdict, asked, anchors: verdict.granted ? verdict.value.anchors : [] };
}

describe('The search finds every path, whatever the order of the chain (D-3)', () => {
  const stranger = ca('Stranger', 'Elsewhere');
  it.each<[string, readonly [Certificate, ...Certificate[]]]>([
    ['X21 REQ-3 in order, without the anchor', [LEAF, MID]],
    ['X21 REQ-12 in order, with the anchor', [LEAF, MID, ROOT]],
    ['the anchor before the intermediate', [LEAF, ROOT, MID]],
    ['X20 the leaf twice, the CAs twice, strangers between', [LEAF, stranger, LEAF, ROOT, MID, MID, stranger, ROOT]],
  ])('%s', (_why, chain) => {
    const root = anchor(ROOT);
    expect(judge(chain, [root]).anchors).toEqual([root]);
  });

  it('X22 takes the leaf alone where its issuer is the anchor, though that is no root', () => {
    const mid = anchor(MID);
    expect(judge([LEAF], [mid]).anchors).toEqual([mid]);
  });

  it('X23 takes a leaf that is itself the anchor', () => {
    const own = { ...ca('press-7', 'press-7'), keyUsage: new Set(['keyCertSign', 'digitalSignature'] as const) };
    const self = anchor(own);
    expect(judge([own], [self]).anchors).toEqual([self]);
  });

  it('X22 does not reach a root over an intermediate that the device did not send, though another tenant stored it', () => {
    const mid = anchor(MID, { tenant: aTenantId('b') });
    const root = anchor(ROOT, { tenant: aTenantId('a') });
    expect(judge([LEAF], [mid, root]).anchors).toEqual([mid]);
    expect(judge([LEAF], [{ ...mid, status: 'disabled' }, root]).verdict).toMatchObject({ refusal: { code: 'tenant.anchor-disabled', depth: 1 } });
  });

  it('X33 tells two CAs of one name apart by their keys', () => {
    const first = anchor(ca('Root', 'Root', { own: 'k1', signer: 'k1' }));
    const second = anchor(ca('Root', 'Root', { own: 'k2', signer: 'k2' }));
    expect(judge([leafOf('Root', 'k1')], [first, second]).anchors).toEqual([first]);
    expect(judge([leafOf('Root', 'k2')], [first, second]).anchors).toEqual([second]);
  });

  it('finds all anchors of all tenants at the ends of paths that hold, root and intermediate alike', () => {
    const root = anchor(ROOT, { tenant: aTenantId('a') });
    const mid = anchor(MID, { tenant: aTenantId('b') });
    expect(new Set(judge([LEAF, MID], [root, mid]).anchors)).toEqual(new Set([root, mid]));
  });

  it('does not let a dead end hide a path: a cross-signed CA leads to the one root that is trusted', () => {
    const crossed = ca('Mid', 'Other', { own: 'Mid' });
    const root = anchor(ROOT);
    expect(judge([LEAF, crossed, MID], [root]).anchors).toEqual([root]);
  });

  it('does not let an expired path hide a good one: the old root and the renewed one of the same key', () => {
    const old = { ...anchor(ROOT), certificate: { ...ROOT, notAfter: after(-SECOND), notBefore: after(-DAY), thumbprint: 'old' as Certificate['thumbprint'] } };
    const renewed = anchor(ROOT);
    expect(judge([LEAF, MID], [old, renewed]).anchors).toEqual([renewed]);
  });

  it('is not fooled by an anchor that the chain only names: other keys sign nothing', () => {
    const other = anchor(ca('Mid', 'Root', { own: 'thief' }));
    expect(judge([LEAF], [other]).verdict).toMatchObject({ refusal: { code: 'path.signature-invalid', depth: 0 } });
  });
});

describe('The refusal is that of the most promising path', () => {
  it('X01 names the topmost certificate and the issuer that is missing when no anchor is found', () => {
    expect(judge([LEAF, MID], []).verdict).toEqual({
      granted: false,
      refusal: { code: 'tenant.no-anchor-found', evidence: { topmost: '"CN=Mid"', issuer: '"CN=Root"' } },
    });
  });

  it('X02 refuses a self-signed leaf that bears the subject of a trusted CA', () => {
    const impostor = aCertificate({ subject: aName('CN=Root'), issuer: aName('CN=Root'), publicKey: key('thief'), ...signedBy('thief') });
    expect(judge([impostor], [anchor(ROOT)]).verdict).toMatchObject({ refusal: { code: 'path.signature-invalid', depth: 0 } });
  });

  it('X03 refuses the right issuer name with the wrong key', () => {
    expect(judge([leafOf('Root', 'thief')], [anchor(ROOT)]).verdict).toMatchObject({ refusal: { code: 'path.signature-invalid', depth: 0 } });
  });

  it.each([
    ['disabled', { status: 'disabled' }, 'tenant.anchor-disabled'],
    ['inert', { inert: true }, 'tenant.anchor-inert'],
    ['inert and disabled', { inert: true, status: 'disabled' }, 'tenant.anchor-disabled'],
  ] as const)('says that the anchor is %s when that is all that is wrong', (_state, overrides, code) => {
    expect(judge([LEAF, MID], [anchor(ROOT, overrides)]).verdict).toMatchObject({ refusal: { code, depth: 2 } });
  });

  it('says that a sent CA did not sign, though its name fits and no anchor follows', () => {
    const impostor = ca('Mid', 'Root', { own: 'thief' });
    expect(judge([LEAF, impostor], [anchor(ROOT)]).verdict).toEqual({
      granted: false,
      refusal: {
        ...{ code: 'path.signature-invalid', depth: 0 },
        evidence: { certificate: '"CN=press-7"', issuer: '"CN=Mid"', candidate: '"CN=Mid"', candidateIsWrong: 'its name is the one that is asked for, but its key did not make the signature' },
      },
    });
  });

  it('prefers the path that only a disabled anchor spoils, wherever it was found', () => {
    const expired = { ...ca('Mid', 'Root'), serialNumber: 'by:everybody', notBefore: after(-DAY), notAfter: after(-SECOND), thumbprint: 'expired' as Certificate['thumbprint'] };
    expect(judge([LEAF, expired, MID], [anchor(ROOT, { status: 'disabled' })]).verdict).toMatchObject({ refusal: { code: 'tenant.anchor-disabled', depth: 2 } });
  });

  it('prefers a rule broken under a signed path to a signature that was never made', () => {
    const expired = { ...leafOf('Mid'), notBefore: after(-DAY), notAfter: after(-SECOND) };
    const thief = anchor(ca('Mid', 'Root', { own: 'thief' }));
    expect(judge([expired, MID], [thief, anchor(ROOT)]).verdict).toMatchObject({ refusal: { code: 'path.outside-validity', depth: 0 } });
  });

  it('prefers the anchor in force to the disabled one when a rule is broken either way', () => {
    const expired = { ...leafOf('Mid'), notBefore: after(-DAY), notAfter: after(-SECOND) };
    const { verdict } = judge([expired, MID], [anchor(ROOT, { status: 'disabled' }), anchor(MID)]);
    expect(verdict).toMatchObject({ refusal: { code: 'path.outside-validity', depth: 0 } });
  });

  it.each([
    ['X14 a SHA-1 signature', { signature: aSignature({ hash: 'sha1' }) }, 'key.signature-algorithm-not-accepted', 0],
  ] as const)('spends no signature check on %s, and says why', (_what, change, code, depth) => {
    const { verdict, asked } = judge([{ ...LEAF, ...change }, MID], [anchor(ROOT)]);
    expect(verdict).toMatchObject({ refusal: { code, depth } });
    expect(asked.map(([child]) => child.subject.key)).toEqual([MID.subject.key]);
  });

  it('S09 spends no signature check on a key of RSA 16384, and says why', () => {
    const heavy = { ...MID, publicKey: aKey({ bits: 16_384 }) };
    const { verdict, asked } = judge([LEAF, heavy], [anchor(ROOT)]);
    expect(verdict).toMatchObject({ refusal: { code: 'key.not-accepted', depth: 1 } });
    expect(asked).toHaveLength(1);
  });
});

describe('The search is bounded (D-11)', () => {
  /** `n` CAs in a row under the root; CA n issued the leaf. */
  const ladder = (n: number): [Certificate, ...Certificate[]] => {
    const cas = Array.from({ length: n }, (_, i) => ca(`C${i + 1}`, i === 0 ? 'Root' : `C${i}`));
    return [leafOf(n === 0 ? 'Root' : `C${n}`), ...cas.reverse()];
  };

  it('lets 10 certificates stand below the anchor, the leaf included', () => {
    const root = anchor(ROOT);
    expect(judge(ladder(9), [root]).anchors).toEqual([root]);
  });

  it('refuses the eleventh, and says so', () => {
    expect(judge(ladder(10), [anchor(ROOT)]).verdict).toMatchObject({ refusal: { code: 'path.too-many-certificates' } });
  });

  it('does 100 units of signature work, and not one more', () => {
    const namesakes = (n: number) => Array.from({ length: n }, (_, i) => anchor(ca('Root', 'Root', { own: `k${i}`, signer: `k${i}` }), { tenant: aTenantId(`t${i}`) }));
    const hundred = judge([leafOf('Root', 'k99')], namesakes(SEARCH_BUDGET.signatureUnits));
    expect(hundred.asked).toHaveLength(100);
    expect(hundred.anchors).toHaveLength(1);
    const more = judge([leafOf('Root', 'k0')], namesakes(SEARCH_BUDGET.signatureUnits + 1));
    expect(more.asked).toHaveLength(100);
    expect(more.verdict).toEqual({ granted: false, refusal: { code: 'path.budget-exhausted' } });
  });

  it('spends nothing on keys that cannot have made the signature: a tenant’s dear keys under another’s name keep nobody out (D-6)', () => {
    const spki = (i: number) => new TextEncoder().encode(`dear${i}`);
    const dear = Array.from({ length: 8 }, (_, i): TrustAnchor =>
      anchor({ ...ca('Root', 'Root', { own: `dear${i}` }), publicKey: { kind: 'ec', curve: 'P-521', spki: spki(i) }, thumbprint: `d${i}` as Certificate['thumbprint'] }, { tenant: aTenantId('hostile') }));
    const own = anchor({ ...ROOT, publicKey: { kind: 'ec', curve: 'P-256', spki: new TextEncoder().encode('Root') } });
    const ecdsa = { signature: aSignature({ scheme: 'ecdsa' }) };
    const { anchors, asked } = judge([{ ...leafOf('Root'), ...ecdsa, signatureBytes: 72 }], [...dear, own]);
    expect(anchors).toEqual([own]);
    expect(asked).toHaveLength(1);
  });

  const P256: Certificate['publicKey'] = { kind: 'ec', curve: 'P-256', spki: new Uint8Array() };
  it.each<[string, Certificate['publicKey'], Parameters<typeof aSignature>[0], number, boolean]>([
    ['72 bytes by P-256', P256, { scheme: 'ecdsa' }, 72, true],
    ['73 bytes by P-256', P256, { scheme: 'ecdsa' }, 73, false],
    ['73 bytes by P-384', { ...P256, curve: 'P-384' }, { scheme: 'ecdsa' }, 73, true],
    ['72 bytes by P-384', { ...P256, curve: 'P-384' }, { scheme: 'ecdsa' }, 72, false],
    ['105 bytes by P-384', { ...P256, curve: 'P-384' }, { scheme: 'ecdsa' }, 105, false],
    ['105 bytes by P-521', { ...P256, curve: 'P-521' }, { scheme: 'ecdsa' }, 105, true],
    ['140 bytes by P-521', { ...P256, curve: 'P-521' }, { scheme: 'ecdsa' }, 140, false],
    ['256 bytes by RSA-2048', aKey(), {}, 256, true],
    ['256 bytes of RSA-PSS by RSA-2048', aKey(), { scheme: 'rsa-pss' }, 256, true],
    ['255 bytes by RSA-2048', aKey(), {}, 255, false],
    ['257 bytes by RSA-2049', aKey({ bits: 2049 }), {}, 257, true],
    ['72 bytes of ECDSA by RSA', aKey({ bits: 576 }), { scheme: 'ecdsa' }, 72, false],
    ['72 bytes of RSA by P-256', P256, {}, 72, false],
    ['64 bytes by Ed25519', { kind: 'ed25519', spki: new Uint8Array() }, { scheme: 'ed25519' }, 64, true],
    ['63 bytes by Ed25519', { kind: 'ed25519', spki: new Uint8Array() }, { scheme: 'ed25519' }, 63, false],
  ])('a signature of %s has its form or has not', (_what, publicKey, signature, signatureBytes, fits) => {
    expect(hasFormOf(publicKey, { signature: aSignature(signature), signatureBytes })).toBe(fits);
  });

  it('counts a P-384 key as 10 units, P-521 as 22, RSA-8192 as 4, and six times as much for a long RSA exponent', () => {
    const many = (publicKey: (i: number) => Certificate['publicKey'], n: number) =>
      Array.from({ length: n }, (_, i) => anchor({ ...ca('Root', 'Root', { own: `k${i}` }), publicKey: publicKey(i), thumbprint: `${i}` as Certificate['thumbprint'] }));
    const spki = (i: number) => new TextEncoder().encode(`k${i}`);
    const leaf = leafOf('Root', 'nobody');
    expect(judge([leaf], many((i) => ({ kind: 'ec', curve: 'P-384', spki: spki(i) }), 11)).asked).toHaveLength(10);
    expect(judge([leaf], many((i) => ({ kind: 'ec', curve: 'P-521', spki: spki(i) }), 11)).asked).toHaveLength(4);
    expect(judge([leaf], many((i) => aKey({ bits: 8192, spki: spki(i) }), 30)).asked).toHaveLength(25);
    expect(judge([leaf], many((i) => aKey({ bits: 8192, exponent: 65_537n, spki: spki(i) }), 30)).asked).toHaveLength(25);
    expect(judge([leaf], many((i) => aKey({ bits: 8192, exponent: 65_539n, spki: spki(i) }), 30)).asked).toHaveLength(4);
    expect(judge([leaf], many((i) => ({ kind: 'ec', curve: 'P-256', spki: spki(i) }), 101)).asked).toHaveLength(100);
  });

  it('asks of no pair twice, and goes round no loop', () => {
    const a = ca('A', 'B');
    const b = ca('B', 'A');
    const { asked, verdict } = judge([leafOf('A'), a, b], [anchor(ROOT)]);
    expect(verdict).toMatchObject({ refusal: { code: 'tenant.no-anchor-found' } });
    expect(new Set(asked.map((pair) => pair.map(({ thumbprint }) => thumbprint).join()))).toHaveProperty('size', asked.length);
    expect(asked.length).toBeLessThanOrEqual(3);
  });

  it('asks once of a link that two routes share', () => {
    const again = { ...MID, thumbprint: 'again' as Certificate['thumbprint'] };
    const top = ca('Root', 'Top');
    const { asked, anchors } = judge([LEAF, MID, again, top], [anchor(ca('Top', 'Top'))]);
    expect(anchors).toHaveLength(2);
    expect(asked).toHaveLength(5);
  });

  it.each([
    ['by signatures that verify', {}],
    ['by signatures that are not worth checking', { signature: aSignature({ hash: 'sha1' }) }],
  ])('X18 gives up on nine CAs of one name that all signed each other, %s, instead of walking every order of them', (_how, change) => {
    const mesh = Array.from({ length: 9 }, (_, i) => ({ ...ca('Same', 'Same', { own: `K${i}`, signer: 'everybody' }), ...change }));
    const { verdict, asked } = judge([leafOf('Same', 'everybody'), ...mesh], [anchor(ROOT)]);
    expect(verdict).toEqual({ granted: false, refusal: { code: 'path.budget-exhausted' } });
    expect(asked.length).toBeLessThanOrEqual(SEARCH_BUDGET.signatureUnits);
  });

  it('X17 reads each key of twenty certificates of one name a few times, not for every step of the walk', () => {
    let reads = 0;
    const mesh = Array.from({ length: 19 }, (_, i) => {
      const spki = new TextEncoder().encode(`${'k'.repeat(1300)}${i}`);
      const publicKey = { kind: 'unsupported', algorithm: 'none', get spki() { reads += 1; return spki; } } as const;
      return { ...ca('Same', 'Same', { own: `K${i}` }), publicKey };
    });
    expect(judge([leafOf('Same', 'nobody'), ...mesh], [anchor(ROOT)]).verdict).toMatchObject({ refusal: { code: 'path.budget-exhausted' } });
    expect(reads).toBeLessThanOrEqual(2 * mesh.length);
  });

  it('X19 lets no path decide while another cost too much to be judged: it might have been another tenant’s', () => {
    const names = Array.from({ length: 200 }, (_, i) => ({ form: 'dns', value: `a${i}.com` }) as const);
    const leaf = { ...leafOf('Root', 'everybody'), subjectAltNames: names };
    const dear = { ...ca('Root', 'Root', { own: 'dear' }), nameConstraints: { permitted: [], excluded: names } };
    const [first, second] = [anchor(ROOT), anchor(dear, { tenant: aTenantId('other') })];
    expect(judge([leaf], [first]).anchors).toEqual([first]);
    expect(judge([leaf], [first, second]).verdict).toEqual({ granted: false, refusal: { code: 'path.too-much-to-compare' } });
  });

  it('tries proven anchors first, and every tenant’s first before any tenant’s second', () => {
    const named = (tenant: string, own: string, overrides: Partial<TrustAnchor> = {}) =>
      anchor(ca('Root', 'Root', { own, signer: own }), { tenant: aTenantId(tenant), ...overrides });
    const anchors = [
      named('greedy', 'g1'), named('greedy', 'g2'), named('greedy', 'g3'),
      named('small', 's1'), named('proven', 'p1', { possessionProven: true }), named('off', 'o1', { status: 'disabled' }),
    ];
    const { asked } = judge([leafOf('Root', 'nobody')], anchors);
    expect(asked.map(([, issuer]) => keyName(issuer))).toEqual(['p1', 'g1', 's1', 'g2', 'g3', 'o1']);
  });

  it('tries the anchor first whose key identifier the certificate asks for', () => {
    const anchors = ['k1', 'k2'].map((own) => anchor({ ...ca('Root', 'Root', { own, signer: own }), subjectKeyIdentifier: own }));
    const { asked } = judge([{ ...leafOf('Root', 'k2'), authorityKeyIdentifier: 'k2' }], anchors);
    expect(asked.map(([, issuer]) => keyName(issuer))).toEqual(['k2', 'k1']);
  });
});
