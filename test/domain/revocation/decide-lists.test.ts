import { describe, expect, it } from '@jest/globals';
import { decideLists } from '../../../src/domain/revocation/decide-lists.ts';
import { checkRule } from '../../../src/domain/revocation/list-rules.ts';
import type { ListRule, StoredList } from '../../../src/domain/revocation/stored-list.ts';
import { aCaCertificate, aCertificate, after, aName, aStoredList, aTenantId, NOW } from '../../support/certificate-builders.ts';

const HOUR = 3_600_000;
const leaf = aCertificate({ issuer: aName('CN=Line 3') });
const line = aCaCertificate({ subject: aName('CN=Line 3') });
const ofLine = (overrides: Partial<StoredList> = {}): StoredList => aStoredList({ id: 'line', issuer: line.subject.key, ...overrides });
const rule = (overrides: Partial<ListRule> = {}): ListRule => ({ tenant: aTenantId(), anchor: aCaCertificate().fingerprint, urls: [], acceptHours: 1, refuseHours: 3, missing: 'refuse', ...overrides });
const decide = (lists: readonly StoredList[], by: ListRule | undefined = rule(), at = NOW) => decideLists({ path: [leaf, line], lists, rule: by, at });
const fresh = { granted: true, value: {} };

describe('Lists let a path in', () => {
  it.each<[string, readonly StoredList[], ListRule | undefined, object]>([
    ['where one speaks for each certificate', [aStoredList(), ofLine()], rule(), fresh],
    ['where nobody asks for any', [], undefined, fresh],
    ['not where one is missing for the leaf', [aStoredList()], rule(), { granted: false, refusal: { code: 'revocation.list-missing', depth: 0, evidence: { certificate: '"CN=press-7"', issuer: '"CN=Line 3"' } } }],
    ['not where one is missing for a CA', [ofLine()], rule(), { granted: false, refusal: { code: 'revocation.list-missing', depth: 1, evidence: { certificate: '"CN=Line 3"', issuer: '"CN=Works CA"' } } }],
    ['not where all are missing, from the top down', [], rule(), { granted: false, refusal: { code: 'revocation.list-missing', depth: 1, evidence: expect.anything() } }],
    ['not where a list is there, and no rule', [aStoredList()], undefined, { granted: false, refusal: { code: 'revocation.list-missing', depth: 0, evidence: expect.anything() } }],
    ['where what is missing is accepted', [], rule({ missing: 'accept' }), fresh],
    ['not by a delta alone', [aStoredList(), ofLine({ deltaOf: 1n })], rule(), { granted: false, refusal: { code: 'revocation.list-missing', depth: 0, evidence: expect.anything() } }],
  ])('%s', (_what, lists, by, expected) => {
    expect(decideLists({ path: [leaf, line], lists, rule: by, at: NOW })).toEqual(expected);
  });

  const stale = { code: 'revocation.list-stale', depth: 0, evidence: { certificate: '"CN=press-7"', issuer: '"CN=Line 3"', nextUpdate: NOW.toISOString() } };
  const later = aStoredList({ nextUpdate: after(100 * HOUR) });

  it.each<[string, number, object]>([
    ['as if new up to the hours that are accepted', HOUR, fresh],
    ['with a warning beyond these', HOUR + 1, { granted: true, value: { warning: stale } }],
    ['with a warning up to the hours from which it is refused', 3 * HOUR, { granted: true, value: { warning: stale } }],
    ['no longer beyond these', 3 * HOUR + 1, { granted: false, refusal: stale }],
  ])('that are stale: %s', (_what, age, expected) => {
    expect(decide([later, ofLine()], rule(), after(age))).toEqual(expected);
    expect(decide([later, ofLine()], rule({ missing: 'accept' }), after(age))).toEqual(expected);
  });

  it('by the usual hours where no rule was set', () => {
    const at = (hours: number) => decideLists({ path: [aCertificate()], lists: [aStoredList()], rule: undefined, at: after(hours * HOUR) });
    expect([at(24), at(25).granted, at(72).granted, at(73)]).toEqual([fresh, true, true, { granted: false, refusal: expect.objectContaining({ code: 'revocation.list-stale' }) }]);
  });

  it('by a newer list that speaks for the rest of an old one', () => {
    expect(decide([later, ofLine(), ofLine({ id: 'new', nextUpdate: after(5 * HOUR), scope: { only: 'users', reasons: 510 } })], rule(), after(5 * HOUR))).toEqual(fresh);
  });
});

describe('A rule of lists', () => {
  it.each<[string, Partial<ListRule>]>([
    ['every limit', { urls: Array.from({ length: 10 }, (_, n) => `https://ca.example.com:8443/${n}.crl?x=1`), acceptHours: 0, refuseHours: 8760 }],
    ['hours that are the same', { acceptHours: 3, refuseHours: 3 }],
    ['the longest URL', { urls: [`http://ca/${'x'.repeat(1990)}`] }],
    ['an address of version 6', { urls: ['http://[2001:db8::1]/x'] }],
    ['a sign in the path that is none of the host', { urls: ['http://ca/a@b'] }],
  ])('may have %s', (_what, overrides) => {
    expect(checkRule(rule(overrides))).toEqual({ granted: true, value: rule(overrides) });
  });

  it.each<[string, Partial<ListRule>]>([
    ['eleven URLs', { urls: Array.from({ length: 11 }, (_, n) => `http://ca/${n}`) }],
    ['one URL twice', { urls: ['http://ca/1', 'http://ca/1'] }],
    ['a longer URL', { urls: [`http://ca/${'x'.repeat(1991)}`] }],
    ['a file', { urls: ['file:///etc/passwd'] }],
    ['LDAP', { urls: ['ldap://ca/cn=x'] }],
    ['no host', { urls: ['http:///x'] }],
    ['a password', { urls: ['http://ann:secret@ca/x'] }],
    ['a space', { urls: ['http://ca/a b'] }],
    ['a line end', { urls: ['http://ca/a\n'] }],
    ['a fragment', { urls: ['http://ca/a#b'] }],
    ['a letter that is no ASCII', { urls: ['http://cä/'] }],
    ['negative hours', { acceptHours: -1 }],
    ['half an hour', { acceptHours: 0.5 }],
    ['no hours', { refuseHours: Number.NaN }],
    ['more hours than a year has', { refuseHours: 8761 }],
    ['less hours to refuse than to accept', { acceptHours: 4 }],
  ])('may not have %s', (_what, overrides) => {
    expect(checkRule(rule(overrides))).toMatchObject({ granted: false, refusal: { code: 'list.unusable-rule' } });
  });
});
