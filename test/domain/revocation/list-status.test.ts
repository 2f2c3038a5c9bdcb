import { describe, expect, it } from '@jest/globals';
import { ALL_REASONS, WHOLE_SCOPE, type DistributionPoint, type ListScope } from '../../../src/domain/revocation/list-scope.ts';
import { factsOf, statusByLists, type Statement } from '../../../src/domain/revocation/list-status.ts';
import type { ListReason, RevocationList } from '../../../src/domain/revocation/revocation-list.ts';
import { aCaCertificate, aCertificate, aList, aName, NOW, type CertificateOverrides } from '../../support/certificate-builders.ts';

const uri = (value: string) => ({ form: 'uri', value }) as const;
const point = (overrides: Partial<DistributionPoint> = {}): DistributionPoint => ({ names: [uri('http://ca/1')], reasons: ALL_REASONS, ofAnother: false, ...overrides });
const scope = (overrides: Partial<ListScope>): Partial<RevocationList> => ({ scope: { ...WHOLE_SCOPE, ...overrides } });
const says = (overrides: Partial<RevocationList> = {}, reason?: ListReason): Statement => ({ list: factsOf(aList(overrides)), ...(reason && { entry: { reason, since: NOW } }) });
const leaf = aCertificate();
const statusOf = (statements: readonly Statement[], overrides: CertificateOverrides = {}) => statusByLists(aCertificate(overrides), statements).status;

describe('Lists say of a certificate', () => {
  it('nothing without one', () => {
    expect(statusByLists(leaf, [])).toEqual({ status: 'unknown' });
  });

  it('that it is good, and by which', () => {
    expect(statusByLists(leaf, [says()])).toEqual({ status: 'good', by: [factsOf(aList())] });
  });

  it('that it is revoked, since when, why and by which', () => {
    expect(statusByLists(leaf, [says({ number: 1n }), says({ number: 2n }, 'superseded')])).toEqual({ status: 'revoked', entry: { reason: 'superseded', since: NOW }, by: factsOf(aList({ number: 2n })) });
  });

  it.each<[string, Partial<RevocationList>, CertificateOverrides, string]>([
    ['of another issuer', { issuer: aName('CN=Other') }, {}, 'unknown'],
    ['for users, of a device', scope({ only: 'users' }), {}, 'good'],
    ['for users, of a CA', scope({ only: 'users' }), { basicConstraints: { ca: true } }, 'unknown'],
    ['for CAs, of a device', scope({ only: 'cas' }), { basicConstraints: { ca: false } }, 'unknown'],
    ['for CAs, of a CA', scope({ only: 'cas' }), { basicConstraints: { ca: true } }, 'good'],
    ['for attributes', scope({ only: 'attributes' }), {}, 'unknown'],
    ['for one reason', scope({ reasons: 2 }), {}, 'unknown'],
    ['without a name, of a certificate with one', {}, { distributionPoints: [point()] }, 'good'],
    ['without a name, of a certificate whose points cannot be read', {}, { distributionPoints: [] }, 'unknown'],
    ['by the name that the certificate has', scope({ names: [uri('http://ca/2'), uri('http://ca/1')] }), { distributionPoints: [point({ names: [uri('http://ca/0')] }), point()] }, 'good'],
    ['by a name that differs by case', scope({ names: [uri('http://CA/1')] }), { distributionPoints: [point()] }, 'unknown'],
    ['by a name of another form', scope({ names: [{ form: 'dns', value: 'http://ca/1' }] }), { distributionPoints: [point()] }, 'unknown'],
    ['by a name nobody reads', scope({ names: [{ form: 'other', tag: 0xa0 }] }), { distributionPoints: [point({ names: [{ form: 'other', tag: 0xa0 }] })] }, 'unknown'],
    ['by a name, of a certificate without points', scope({ names: [uri('http://ca/1')] }), {}, 'unknown'],
    ['by the issuer’s name, of a certificate without points', scope({ names: [{ form: 'directory', name: aName('CN=Works CA') }] }), {}, 'good'],
    ['by a relative name that is the certificate’s in full', scope({ relative: aName('CN=1').rdns[0]! }), { distributionPoints: [point({ names: [{ form: 'directory', name: aName('CN=1, CN=Works CA') }] })] }, 'good'],
    ['for a point that another makes', {}, { distributionPoints: [point({ ofAnother: true })] }, 'unknown'],
    ['for a point that is for one reason', {}, { distributionPoints: [point({ reasons: 2 })] }, 'unknown'],
    ['for two points that are for every reason together', {}, { distributionPoints: [point({ reasons: 2 }), point({ reasons: 0x1fc })] }, 'good'],
  ])('by a list %s', (_what, list, certificate, expected) => {
    expect(statusOf([says(list)], certificate)).toBe(expected);
  });

  it('that it is good where several lists together are for every reason', () => {
    expect(statusOf([says(scope({ reasons: 2 })), says(scope({ reasons: 0x1fc }))])).toBe('good');
    expect(statusOf([says(scope({ reasons: 2 })), says(scope({ reasons: 0x1f8 }))])).toBe('unknown');
  });

  it('that it is revoked, though the list is for others: its issuer says so', () => {
    expect(statusOf([says(scope({ only: 'cas' }), 'unspecified')])).toBe('revoked');
    expect(statusOf([says(scope({ names: [uri('http://ca/1')] }), 'unspecified')])).toBe('revoked');
    expect(statusOf([says({ issuer: aName('CN=Other') }, 'unspecified')])).toBe('unknown');
  });
});

describe('A delta', () => {
  const base = { number: 5n };
  const delta = (overrides: Partial<RevocationList> = {}): Partial<RevocationList> => ({ number: 7n, deltaOf: 5n, ...overrides });

  const { number: _, ...without } = aList();
  const unnumbered: Statement = { list: factsOf(without), entry: { reason: 'certificateHold', since: NOW } };

  it.each<[string, readonly Statement[], string]>([
    ['alone covers nothing', [says(delta())], 'unknown'],
    ['alone revokes', [says(delta(), 'unspecified')], 'revoked'],
    ['adds nothing', [says(base), says(delta())], 'good'],
    ['adds', [says(base), says(delta(), 'keyCompromise')], 'revoked'],
    ['leaves what is there', [says(base, 'certificateHold'), says(delta())], 'revoked'],
    ['takes back', [says(base, 'certificateHold'), says(delta(), 'removeFromCRL')], 'good'],
    ['takes back nothing of a list before its base', [says({ number: 4n }, 'certificateHold'), says(delta(), 'removeFromCRL')], 'revoked'],
    ['takes back nothing of a list without a number', [unnumbered, says(delta(), 'removeFromCRL')], 'revoked'],
    ['takes back nothing of another scope', [says({ ...base, ...scope({ only: 'users' }) }, 'certificateHold'), says(delta(), 'removeFromCRL')], 'revoked'],
    ['takes back nothing of another key', [says({ ...base, authorityKeyIdentifier: '01' }, 'certificateHold'), says(delta(), 'removeFromCRL')], 'revoked'],
    ['counts no more beside a newer list', [says({ number: 8n }), says(delta(), 'certificateHold')], 'good'],
    ['counts beside a list of its own number', [says({ number: 7n }), says(delta(), 'certificateHold')], 'revoked'],
    ['counts no more beside a newer delta', [says(base), says(delta(), 'certificateHold'), says(delta({ number: 8n }))], 'good'],
    ['counts beside a newer delta to a later base', [says(base), says(delta(), 'certificateHold'), says(delta({ number: 8n, deltaOf: 6n }))], 'revoked'],
    ['counts beside a newer list of another scope', [says({ number: 8n, ...scope({ only: 'users' }) }), says(delta(), 'certificateHold')], 'revoked'],
  ])('%s', (_what, statements, expected) => {
    expect(statusOf(statements)).toBe(expected);
    expect(statusOf([...statements].reverse())).toBe(expected);
  });

  it('is of the certificate’s issuer, like any list', () => {
    expect(statusOf([says(base), says(delta({ issuer: aCaCertificate({ subject: aName('CN=Other') }).subject }), 'keyCompromise')])).toBe('good');
  });
});
