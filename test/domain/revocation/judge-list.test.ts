import { describe, expect, it } from '@jest/globals';
import type { KeyUsage } from '../../../src/domain/certificates/certificate.ts';
import type { ListRefusalCode } from '../../../src/domain/refusals/codes.ts';
import { judgeList, type PossibleIssuer } from '../../../src/domain/revocation/judge-list.ts';
import { listIssuers } from '../../../src/domain/revocation/list-issuers.ts';
import type { RevocationList } from '../../../src/domain/revocation/revocation-list.ts';
import { aCaCertificate, aCertificate, after, aKey, aList, aName, anAnchor, aSignature, NOW } from '../../support/certificate-builders.ts';

const keyUsage = new Set<KeyUsage>(['cRLSign']);
const works = aCaCertificate({ keyUsage });
const signer: PossibleIssuer = { certificate: works, signed: true };

describe('A list that is new here', () => {
  it('is usable on every limit, and who signed it is known', () => {
    expect(judgeList(aList(), [signer], NOW)).toEqual({ granted: true, value: works });
    expect(judgeList(aList({ thisUpdate: NOW, nextUpdate: after(1) }), [signer], NOW).granted).toBe(true);
    expect(judgeList(aList({ scope: { only: 'cas', reasons: 2, indirect: false } }), [signer], NOW).granted).toBe(true);
    expect(judgeList(aList(), [{ ...signer, certificate: aCaCertificate({ keyUsage: undefined }) }], NOW).granted).toBe(true);
  });

  it.each<[string, ListRefusalCode, Partial<RevocationList>]>([
    ['of version 1', 'list.not-version-2', { version: 1 }],
    ['with a critical extension that nobody knows', 'list.unknown-critical-extension', { unknownCritical: ['1.2.3'] }],
    ['for certificates of other issuers', 'list.indirect', { scope: { only: 'all', reasons: 510, indirect: true } }],
    ['for attributes', 'list.wrong-scope', { scope: { only: 'attributes', reasons: 510, indirect: false } }],
    ['that ends before it begins', 'list.no-next-update', { thisUpdate: NOW, nextUpdate: NOW }],
    ['of the future', 'list.not-yet-valid', { thisUpdate: after(1), nextUpdate: after(2) }],
    ['of the past', 'list.expired', { nextUpdate: after(-1), thisUpdate: after(-2) }],
    ['of another issuer', 'list.issuer-not-found', { issuer: aName('CN=Other') }],
    ['signed with SHA-1', 'list.signature-algorithm-not-accepted', { signature: aSignature({ hash: 'sha1' }) }],
    ['that names two algorithms', 'list.signature-algorithm-not-accepted', { signatureAlgorithmsAgree: false }],
  ])('X29 is refused %s', (_why, code, spoil) => {
    expect(judgeList(aList(spoil), [signer], NOW)).toMatchObject({ granted: false, refusal: { code } });
  });

  it('X29 is refused without a time for the next', () => {
    const { nextUpdate: _, ...list } = aList();
    expect(judgeList(list, [signer], NOW)).toMatchObject({ refusal: { code: 'list.no-next-update', evidence: { nextUpdate: 'none' } } });
  });

  it.each<[string, ListRefusalCode, readonly PossibleIssuer[]]>([
    ['nobody has the name of its issuer', 'list.issuer-not-found', []],
    ['its issuer’s key is not accepted', 'list.signature-algorithm-not-accepted', [{ certificate: aCaCertificate({ keyUsage, publicKey: aKey({ bits: 1024 }) }), signed: false }]],
    ['its issuer did not sign it', 'list.signature-invalid', [{ ...signer, signed: false }]],
    ['its issuer may not sign lists', 'list.issuer-may-not-sign', [{ certificate: aCaCertificate(), signed: true }]],
    ['the one of two that signed may not', 'list.issuer-may-not-sign', [{ ...signer, signed: false }, { certificate: aCaCertificate(), signed: true }, { ...signer, signed: false }]],
  ])('X29 is refused where %s', (_why, code, issuers) => {
    expect(judgeList(aList(), issuers, NOW)).toMatchObject({ granted: false, refusal: { code } });
  });

  it('is signed by whichever certificate of that name signed it', () => {
    const other = aCaCertificate({ keyUsage, serialNumber: '77' });
    expect(judgeList(aList(), [{ ...signer, signed: false }, { certificate: other, signed: true }], NOW)).toEqual({ granted: true, value: other });
  });
});

describe('Who may have made a list', () => {
  const anchor = anAnchor();
  const below = aCaCertificate({ subject: aName('CN=Line 3'), basicConstraints: undefined, keyUsage, serialNumber: '33' });
  const ask = (issuer: string, others = [below], at = NOW, signs = true) =>
    listIssuers({ list: { issuer: aName(issuer) }, anchor, others, verifies: () => signs, at });

  it('is the trusted CA, where it has the name of the issuer', () => {
    expect(ask('CN=Works CA')).toEqual([anchor.certificate]);
  });

  it('is a certificate below it that came along, though it is no CA and no device', () => {
    expect(ask('CN=Line 3')).toEqual([below]);
  });

  it.each([
    ['its path has ended', () => ask('CN=Line 3', [below], after(1))],
    ['the CA did not sign it', () => ask('CN=Line 3', [below], NOW, false)],
    ['its name is another', () => ask('CN=Line 4')],
    ['it is issued by somebody else', () => ask('CN=Line 3', [aCertificate({ subject: aName('CN=Line 3'), issuer: aName('CN=Other') })])],
  ])('is nobody where %s', (_why, asked) => {
    expect(asked()).toEqual([]);
  });
});
