import { describe, expect, it } from '@jest/globals';
import type { AnchoredPath, FoundPaths } from '../../../src/domain/certificates/build-paths.ts';
import type { Certificate } from '../../../src/domain/certificates/certificate.ts';
import { judgePaths, mostPromising } from '../../../src/domain/certificates/judge-paths.ts';
import type { TrustAnchor } from '../../../src/domain/trust/trust-anchor.ts';
import { aCaCertificate, aCertificate, aKey, aName, anAnchor, aTenantId, after, DAY, NOW, SECOND } from '../../support/certificate-builders.ts';

const LEAF = aCertificate({ issuer: aName('CN=Line CA') });
const LINE = aCaCertificate({ subject: aName('CN=Line CA') });
const WORKS = aCaCertificate({ basicConstraints: { ca: true, pathLength: 1 } });
const EXPIRED = { notBefore: after(-DAY), notAfter: after(-SECOND) };
const FOR_SERVERS = { extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'] };

interface Change {
  readonly leaf?: Partial<Certificate>;
  readonly line?: Partial<Certificate>;
  readonly works?: Partial<Certificate>;
  readonly signed?: AnchoredPath['signed'];
  /** The state of the last certificate at each tenant that has it. */
  readonly at?: readonly [Partial<TrustAnchor>, ...Partial<TrustAnchor>[]];
}

/** A path of leaf, intermediate and anchor that holds, but for the change. */
function aPath({ leaf, line, works, signed = ['yes', 'yes'], at = [{}] }: Change = {}): AnchoredPath {
  const certificate = { ...WORKS, ...works };
  const [first, ...others] = at.map((state, i) => anAnchor({ certificate, tenant: aTenantId(`t${i}`), ...state }));
  return { certificates: [{ ...LEAF, ...leaf }, { ...LINE, ...line }, certificate], signed, anchors: [first!, ...others] };
}

const found = (paths: readonly AnchoredPath[], more: Partial<FoundPaths> = {}): FoundPaths => ({ paths, topmost: LINE, exhausted: false, tooLong: false, ...more });
const DISABLED = { status: 'disabled' } as const;
const INERT = { inert: true } as const;

describe('Of several paths that do not hold, the one that came nearest is told', () => {
  it.each<[why: string, near: Change, far: Change]>([
    ['signatures that verify, before one that nobody tried', { works: EXPIRED }, { signed: ['not-tried', 'yes'] }],
    ['signatures that verify, before one that is wrong', { works: EXPIRED }, { signed: ['no', 'yes'] }],
    ['a signature that nobody tried, before one that is wrong', { works: EXPIRED, signed: ['not-tried', 'yes'] }, { signed: ['no', 'yes'] }],
    ['a signature that nobody tried, before one that is wrong under one that nobody tried', { works: EXPIRED, signed: ['not-tried', 'yes'] }, { signed: ['no', 'not-tried'], at: [DISABLED] }],
    ['nothing wrong but the state of the anchor, before any rule', { at: [DISABLED] }, { leaf: FOR_SERVERS }],
    ['an anchor in force, before a disabled one', { works: EXPIRED }, { leaf: FOR_SERVERS, at: [DISABLED] }],
    ['an anchor in force at one of two tenants, before one that is nowhere', { works: EXPIRED, at: [DISABLED, {}] }, { leaf: FOR_SERVERS, at: [DISABLED] }],
    ['the one that failed further down, before one that failed at a later rule', { leaf: { publicKey: aKey({ bits: 2047 }) } }, { line: { keyUsage: new Set(['cRLSign'] as const) } }],
    ['the one that failed at the intermediate, before one that failed at the anchor', { line: { publicKey: aKey({ bits: 2047 }) } }, { works: { basicConstraints: { ca: true, pathLength: 0 } } }],
    ['the one that failed at a later rule of the same certificate', { leaf: FOR_SERVERS }, { leaf: { publicKey: aKey({ bits: 2047 }) } }],
    ['any other, before one to an anchor that is only inert', { signed: ['no', 'yes'], works: EXPIRED, at: [DISABLED] }, { at: [INERT] }],
    ['inert at one tenant and disabled at another, before a broken one', { at: [INERT, DISABLED] }, { signed: ['no', 'yes'] }],
  ])('%s', (_why, near, far) => {
    const [nearer, farther] = [aPath(near), aPath(far)];
    const alone = judgePaths(found([nearer]), NOW);
    expect(alone.granted).toBe(false);
    for (const paths of [[nearer, farther], [farther, nearer]]) {
      expect(mostPromising(paths, NOW)).toBe(nearer);
      expect(judgePaths(found(paths), NOW)).toEqual(alone);
    }
  });

  it('and none, where there is no path', () => {
    expect(mostPromising([], NOW)).toBeUndefined();
  });
});

describe('A path that holds is told with its anchors in force', () => {
  it('and no others', () => {
    const [one, two] = [aPath({ at: [{}, DISABLED, INERT] }), aPath({ works: { serialNumber: '03' }, at: [DISABLED] })];
    const broken = aPath({ leaf: FOR_SERVERS });
    expect(judgePaths(found([broken, one, two, broken]), NOW)).toEqual({
      granted: true,
      value: {
        leaf: LEAF,
        anchors: [one.anchors[0]],
        paths: [{ certificates: one.certificates, anchors: [one.anchors[0]] }, { certificates: two.certificates, anchors: [] }],
      },
    });
  });

  it.each<[string, Change['at'] & object, string]>([
    ['disabled', [DISABLED], 'tenant.anchor-disabled'],
    ['inert', [INERT], 'tenant.anchor-inert'],
    ['inert at one tenant, disabled at another', [INERT, DISABLED], 'tenant.anchor-disabled'],
  ])('or refused where none is: %s', (_why, at, code) => {
    expect(judgePaths(found([aPath({ at })]), NOW)).toEqual({ granted: false, refusal: { code, depth: 2, evidence: { anchor: '"CN=Works CA"' } } });
  });

  it('by the policies that the caller demands', () => {
    const verdict = judgePaths(found([aPath()]), NOW, { requireExplicitPolicy: true });
    expect(verdict).toMatchObject({ refusal: { code: 'path.no-valid-policy', depth: 1 } });
  });
});

describe('Without a path to any anchor', () => {
  it.each<[why: string, refusal: object, more: Partial<FoundPaths>]>([
    ['a budget that ran out decides nothing', { code: 'path.budget-exhausted' }, { exhausted: true, tooLong: true }],
    ['one that was cut is too long', { code: 'path.too-many-certificates' }, { tooLong: true }],
    ['the missing issuer is named', { code: 'tenant.no-anchor-found', evidence: { topmost: '"CN=Line CA"', issuer: '"CN=Works CA"' } }, {}],
    ['a certificate that another key signed is named', { code: 'path.signature-invalid', depth: 0, evidence: { certificate: '"CN=press-7"', issuer: '"CN=Line CA"' } }, { forged: { certificate: LEAF, depth: 0 } }],
    [
      'the hint is about the certificate that another key signed',
      { code: 'path.signature-invalid', depth: 0, evidence: { certificate: '"CN=press-7"', issuer: '"CN=Line CA"', candidate: '"CN=Works CA"', candidateIsWrong: 'its name is the one that is asked for, but its key is cc and not aa' } },
      { forged: { certificate: { ...LEAF, authorityKeyIdentifier: 'aa' }, depth: 0 }, topmost: { ...LINE, authorityKeyIdentifier: 'bb' }, nearly: { candidate: { ...WORKS, subjectKeyIdentifier: 'cc' }, wrong: 'key-identifier' } },
    ],
    [
      'or else about the topmost one',
      { code: 'tenant.no-anchor-found', evidence: { topmost: '"CN=Line CA"', issuer: '"CN=Works CA"', candidate: '"CN=Works CA"', candidateIsWrong: 'its name is the one that is asked for, but its key is cc and not bb' } },
      { topmost: { ...LINE, authorityKeyIdentifier: 'bb' }, nearly: { candidate: { ...WORKS, subjectKeyIdentifier: 'cc' }, wrong: 'key-identifier' } },
    ],
  ])('%s', (_why, refusal, more) => {
    expect(judgePaths(found([], more), NOW)).toEqual({ granted: false, refusal });
  });
});
