import { describe, expect, it } from '@jest/globals';
import { OID, type Certificate } from '../../../src/domain/certificates/certificate.ts';
import { admitTrustAnchor, isAcceptableName, touchesOthers, UPLOAD_RULES, warningsAbout } from '../../../src/domain/trust/admit-trust-anchor.ts';
import { aCaCertificate, after, aKey, anAnchor, aSignature, aTenantId, DAY, NOW, SECOND, type CertificateOverrides } from '../../support/certificate-builders.ts';

const SPOILT: readonly [why: string, code: string, change: CertificateOverrides][] = [
  ['X31 REQ-4 version 1', 'anchor.not-version-3', { version: 1 }],
  ['X31 REQ-5 CA:FALSE', 'anchor.not-a-ca', { basicConstraints: { ca: false } }],
  ['no basicConstraints', 'anchor.not-a-ca', { basicConstraints: undefined }],
  ['no keyCertSign', 'anchor.may-not-sign', { keyUsage: new Set(['cRLSign'] as const) }],
  ['X14 RSA 2047', 'anchor.key-not-accepted', { publicKey: aKey({ bits: 2047 }) }],
  ['X14 an unknown key', 'anchor.key-not-accepted', { publicKey: { kind: 'unsupported', algorithm: 'P-192', spki: new Uint8Array() } }],
  ['an unknown critical extension', 'anchor.unknown-critical-extension', { extensions: [{ oid: '1.2.3', critical: true }] }],
  ['expired by 1 s', 'anchor.outside-validity', { notBefore: after(-DAY), notAfter: after(-SECOND) }],
  ['valid in 1 s', 'anchor.outside-validity', { notBefore: after(SECOND), notAfter: after(DAY) }],
];

describe('An upload to the trust store is held to what every connect would ask of it', () => {
  it.each([
    ['everything on its limit', {}],
    ['no keyUsage', { keyUsage: undefined }],
    ['critical name constraints', { extensions: [{ oid: OID.nameConstraints, critical: true }] }],
    ['X34 a SHA-1 signature of its own', { signature: aSignature({ hash: 'sha1' }), signatureAlgorithmsAgree: false }],
  ])('%s is accepted', (_why, change: CertificateOverrides) => {
    const certificate = aCaCertificate(change);
    expect(admitTrustAnchor(certificate, NOW)).toEqual({ granted: true, value: certificate });
  });

  it.each(SPOILT)('%s is refused as %s', (_why, code, change) => {
    expect(admitTrustAnchor(aCaCertificate(change), NOW)).toMatchObject({ granted: false, refusal: { code } });
  });

  it('has a row in the table above for every rule', () => {
    const covered = new Set(SPOILT.map(([, code]) => code));
    expect(UPLOAD_RULES.map(({ code }) => code).filter((code) => !covered.has(code))).toEqual([]);
  });

  it.each([['', true], ['Works CA', true], ['x'.repeat(256), true], ['x'.repeat(257), false], ['a\nb', false], ['a\u2028b', false]])('the name %j: %s', (name, fits) => {
    expect(isAcceptableName(name)).toBe(fits);
  });
});

describe('T02 An upload that touches another tenant’s trust is inert (D-6)', () => {
  const mine = aCaCertificate({ serialNumber: '0a' });
  const theirs = anAnchor({ tenant: aTenantId('b'), certificate: aCaCertificate({ serialNumber: '0b' }) });
  const signs = (issuer: Certificate, child: Certificate) => (c: Certificate, i: Certificate) =>
    c.thumbprint === child.thumbprint && i.thumbprint === issuer.thumbprint;
  const ask = (others: (typeof theirs)[], verifies: ReturnType<typeof signs>) =>
    touchesOthers(mine, { tenant: aTenantId('a'), others, verifies });

  it('when theirs issued it', () => expect(ask([theirs], signs(theirs.certificate, mine))).toBe(true));
  it('when it issued theirs', () => expect(ask([theirs], signs(mine, theirs.certificate))).toBe(true));
  it('T03 not when only the names fit', () => expect(ask([theirs], () => false)).toBe(false));
  it('not for the tenant’s own anchors', () => expect(ask([{ ...theirs, tenant: aTenantId('a') }], () => true)).toBe(false));
});

describe('X06 X34 What is accepted and still deserves a warning', () => {
  const year = { notAfter: after(365 * DAY) };
  it.each([
    ['a sound one', anAnchor({ certificate: aCaCertificate(year) }), []],
    ['inert', anAnchor({ certificate: aCaCertificate(year), inert: true }), ['inert']],
    ['SHA-1', anAnchor({ certificate: aCaCertificate({ ...year, signature: aSignature({ hash: 'sha1' }) }) }), ['weak-self-signature']],
    ['29 days left', anAnchor({ certificate: aCaCertificate({ notAfter: after(29 * DAY) }) }), ['expires-soon']],
    ['30 days left', anAnchor({ certificate: aCaCertificate({ notAfter: after(30 * DAY) }) }), []],
    ['expired', anAnchor({ certificate: aCaCertificate({ notAfter: after(-SECOND) }) }), ['expired']],
  ])('%s', (_what, anchor, warnings) => {
    expect(warningsAbout(anchor, NOW)).toEqual(warnings);
  });
});
