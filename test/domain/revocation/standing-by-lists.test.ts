import { describe, expect, it } from '@jest/globals';
import type { TrustedPath } from '../../../src/domain/certificates/judge-paths.ts';
import { standingByLists, whatCounts, type ListsAtHand } from '../../../src/domain/revocation/standing-by-lists.ts';
import { revocableOf, type Revocation } from '../../../src/domain/revocation/revocation.ts';
import type { ListRule } from '../../../src/domain/revocation/stored-list.ts';
import type { CheckMode } from '../../../src/domain/trust/check-options.ts';
import { aCaCertificate, aCertificate, after, aName, anAnchor, aRevocation, aStoredList, aTenantId, NOW } from '../../support/certificate-builders.ts';

const leaf = aCertificate();
const other = anAnchor({ certificate: aCaCertificate({ serialNumber: '77' }) });
const path: TrustedPath = { certificates: [leaf, aCaCertificate()], anchors: [anAnchor()] };
const second: TrustedPath = { certificates: [leaf, other.certificate], anchors: [other] };
const listed = (overrides: Partial<Revocation> = {}): Revocation => aRevocation({ source: 'crl:1', issuer: aName('CN=Works CA').key, ...overrides });
const rule: ListRule = { tenant: aTenantId(), anchor: anAnchor().certificate.fingerprint, urls: [], acceptHours: 0, refuseHours: 1, missing: 'refuse' };
const atHand = (mode: CheckMode, overrides: Partial<ListsAtHand> = {}): ListsAtHand => ({ mode, lists: [aStoredList()], rules: [], at: NOW, ...overrides });
const good = { path: revocableOf(path.certificates), anchors: [anAnchor()], paths: [path] };
const revoked = expect.objectContaining({ code: 'revocation.revoked', depth: 0 });
const missing = expect.objectContaining({ code: 'revocation.list-missing', depth: 0 });
const nothing = { lists: [], rules: [rule] };

describe('What lists say counts', () => {
  it.each<[string, CheckMode, Partial<ListsAtHand>, readonly Revocation[], object]>([
    ['off: not at all', 'off', {}, [listed()], { granted: true, value: good }],
    ['off: and nothing is missing', 'off', nothing, [], { granted: true, value: good }],
    ['report: as a warning', 'report', {}, [listed()], { granted: true, value: { ...good, warning: revoked } }],
    ['report: what is missing, as a warning', 'report', nothing, [], { granted: true, value: { ...good, warning: missing } }],
    ['report: no warning where all is well', 'report', {}, [], { granted: true, value: good }],
    ['enforce: as a refusal', 'enforce', {}, [listed()], { granted: false, refusal: revoked }],
    ['enforce: what is missing, as a refusal', 'enforce', nothing, [], { granted: false, refusal: missing }],
    ['enforce: not where all is well', 'enforce', {}, [], { granted: true, value: good }],
    ['enforce: not of a list that is not in force', 'enforce', {}, [listed({ source: 'crl:2' })], { granted: true, value: good }],
    ['enforce: not of a delta that a newer list has made needless', 'enforce', { lists: [aStoredList({ number: 9n }), aStoredList({ id: '2', number: 8n, deltaOf: 7n })] }, [listed({ source: 'crl:2' })], { granted: true, value: good }],
    ['enforce: of a list that grows old, with a warning', 'enforce', { rules: [rule], at: after(1) }, [], { granted: true, value: { ...good, warning: expect.objectContaining({ code: 'revocation.list-stale' }) } }],
    ['report: of a list that grows old, with a warning', 'report', { rules: [rule], at: after(1) }, [], { granted: true, value: { ...good, warning: expect.objectContaining({ code: 'revocation.list-stale' }) } }],
    ['enforce: revoked before missing', 'enforce', { lists: [aStoredList({ anchor: other.certificate.fingerprint })], rules: [rule] }, [listed()], { granted: false, refusal: revoked }],
  ])('%s', (_what, mode, overrides, said, expected) => {
    expect(standingByLists([path], said, atHand(mode, overrides))).toEqual(expected);
  });

  it.each<CheckMode>(['off', 'report', 'enforce'])('and what operators say counts whatever the mode: %s', (mode) => {
    expect(standingByLists([path], [aRevocation()], atHand(mode))).toEqual({ granted: false, refusal: revoked });
    expect(whatCounts([aRevocation({ source: 'hold' }), aRevocation({ source: 'ocsp' })], atHand(mode))).toHaveLength(2);
  });

  it('and one path of which lists speak lets the device in, by its anchors alone', () => {
    const rules = [{ ...rule, anchor: other.certificate.fingerprint }];
    expect(standingByLists([second, path], [], atHand('enforce', { rules }))).toEqual({ granted: true, value: good });
    expect(standingByLists([second], [], atHand('enforce', { rules }))).toEqual({ granted: false, refusal: missing });
  });

  it('and of two anchors of one path, the one whose lists speak', () => {
    const twin = anAnchor({ certificate: aCaCertificate({ serialNumber: '78' }) });
    const both = { ...path, anchors: [twin, anAnchor()] };
    const rules = [{ ...rule, anchor: twin.certificate.fingerprint }];
    expect(standingByLists([both], [], atHand('enforce', { rules }))).toEqual({ granted: true, value: good });
  });
});
