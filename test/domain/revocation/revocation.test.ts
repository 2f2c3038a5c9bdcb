import { describe, expect, it } from '@jest/globals';
import type { Certificate } from '../../../src/domain/certificates/certificate.ts';
import { decideRevocation } from '../../../src/domain/revocation/decide-revocation.ts';
import { parseSerialNumber, revocableOf, type Revocation } from '../../../src/domain/revocation/revocation.ts';
import { aCaCertificate, aCertificate, after, aName, aRevocation } from '../../support/certificate-builders.ts';

const leaf = aCertificate({ issuer: aName('CN=Line 3'), serialNumber: '0a' });
const line = aCaCertificate({ subject: aName('CN=Line 3'), serialNumber: '0b' });
const works = aCaCertificate({ serialNumber: '0c' });
const path: readonly [Certificate, ...Certificate[]] = [leaf, line, works];

describe('A revocation', () => {
  it.each<[string, Partial<Revocation>, number | 'nobody']>([
    ['the leaf by its serial number', { serialNumber: '0a' }, 0],
    ['the CA below the anchor by its serial number', { serialNumber: '0b' }, 1],
    ['the anchor, which is disabled instead', { serialNumber: '0c' }, 'nobody'],
    ['the leaf by serial number and issuer', { serialNumber: '0a', issuer: line.subject.key }, 0],
    ['a serial number of the leaf under the issuer of the CA', { serialNumber: '0a', issuer: works.subject.key }, 'nobody'],
    ['the leaf by its fingerprint', { serialNumber: '', fingerprint: leaf.fingerprint }, 0],
    ['the CA by its fingerprint', { serialNumber: '', fingerprint: line.fingerprint }, 1],
    ['a fingerprint beside a serial number: either will do', { serialNumber: '0b', issuer: works.subject.key, fingerprint: works.fingerprint }, 1],
    ['a serial number with the same end', { serialNumber: '010a' }, 'nobody'],
  ])('names %s', (_what, overrides, depth) => {
    const verdict = decideRevocation(revocableOf(path), [aRevocation(overrides)]);
    expect(verdict).toMatchObject(depth === 'nobody' ? { granted: true } : { granted: false, refusal: { code: 'revocation.revoked', depth } });
  });

  it('concerns a device that is its own anchor', () => {
    const own = aCaCertificate({ serialNumber: '0d' });
    expect(decideRevocation(revocableOf([own]), [aRevocation({ serialNumber: '0d' })])).toMatchObject({ refusal: { code: 'revocation.revoked', depth: 0 } });
    expect(decideRevocation(revocableOf([own]), [aRevocation({ serialNumber: '0c' })]).granted).toBe(true);
  });

  it.each<[string, Partial<Revocation>]>([
    ['an operator’s hold', { source: 'hold' }],
    ['the hold of a list', { source: 'crl:1', reason: 'certificateHold' }],
    ['an operator’s hold with a reason of its own', { source: 'hold', reason: 'keyCompromise' }],
  ])('is told as a hold where it is %s', (_what, overrides) => {
    expect(decideRevocation(revocableOf(path), [aRevocation({ serialNumber: '0a', ...overrides })])).toMatchObject({ refusal: { code: 'revocation.on-hold', depth: 0 } });
  });

  it.each<[string, readonly Revocation[], string, number]>([
    ['what is for good before a hold, whatever comes first', [aRevocation({ serialNumber: '0a' }), aRevocation({ serialNumber: '0b', source: 'hold' })], 'revocation.revoked', 0],
    ['the one next to the anchor of two for good', [aRevocation({ serialNumber: '0b' }), aRevocation({ serialNumber: '0a' })], 'revocation.revoked', 1],
    ['the one next to the anchor of two holds', [aRevocation({ serialNumber: '0b', source: 'hold' }), aRevocation({ serialNumber: '0a', source: 'hold' })], 'revocation.on-hold', 1],
  ])('of several, reports %s', (_what, said, code, depth) => {
    expect(decideRevocation(revocableOf(path), said)).toMatchObject({ granted: false, refusal: { code, depth } });
  });

  it('tells which certificate, since when and why, and nothing of the operator', () => {
    const said = [aRevocation({ serialNumber: '0a', since: after(-1000), reason: 'keyCompromise', by: 'main/ann', note: 'stolen by Bob' })];
    expect(decideRevocation(revocableOf(path), said)).toEqual({
      granted: false,
      refusal: { code: 'revocation.revoked', depth: 0, evidence: { serialNumber: '0a', since: '2026-11-24T11:59:59.000Z', reason: 'keyCompromise' } },
    });
  });
});

describe('A serial number', () => {
  it.each([
    ['1', '01'],
    ['0a1F', '0a1f'],
    ['000a1f', '0a1f'],
    ['a1f', '0a1f'],
    ['0A:1F', '0a1f'],
    ['0x0a1f', '0a1f'],
    ['0100', '0100'],
    ['f'.repeat(40), 'f'.repeat(40)],
    [`00${'f'.repeat(40)}`, 'f'.repeat(40)],
    [`0x00:${Array.from({ length: 20 }, () => 'ff').join(':')}`, 'f'.repeat(40)],
  ])('written %j is %j', (text, serialNumber) => {
    expect(parseSerialNumber(text)).toBe(serialNumber);
  });

  it.each(['', '0', '00:00', '0x', ':', '-1', '+1', '0g', ' 01', '01\n', '٠١', '1.0', '1'.repeat(41), `01${'00'.repeat(20)}`, `${'0'.repeat(65)}01`, '0x0x1', '0x01'.repeat(1_000_000)])('is not written %j', (text) => {
    expect(parseSerialNumber(text)).toBeUndefined();
  });
});
