import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ListRule, StoredList } from '../../src/domain/revocation/stored-list.ts';
import type { AdmissionEpoch } from '../../src/ports/driven/admission-epoch.ts';
import type { RevocationLists } from '../../src/ports/driven/revocation-lists.ts';
import { aCaCertificate, aFingerprint, after, aName, aStoredList, aTenantId, NOW } from '../support/certificate-builders.ts';
import type { Opened } from './opened.ts';

export interface ListsUnderTest {
  readonly lists: RevocationLists;
  readonly epoch: AdmissionEpoch;
}

const main = aTenantId();
const anchor = aCaCertificate().fingerprint;
const later = { id: '2', thisUpdate: after(1) };
const aRule = (overrides: Partial<ListRule> = {}): ListRule => ({
  ...{ tenant: main, anchor, urls: ['http://ca/1.crl', 'https://ca/2.crl'], acceptHours: 1, refuseHours: 2, missing: 'refuse' },
  ...overrides,
});

/** What every RevocationLists promises. `open` hands over one that is empty, with the epoch that it moves. */
export function revocationListsContract(name: string, open: () => Promise<Opened<ListsUnderTest>>): void {
  describe(`${name} keeps the promises of RevocationLists`, () => {
    let opened: Opened<ListsUnderTest>;
    let lists: RevocationLists;
    beforeEach(async () => {
      opened = await open();
      ({ lists } = opened.subject);
    });
    afterEach(() => opened.close());

    const moves = async (act: () => Promise<unknown>): Promise<boolean> => {
      const before = await opened.subject.epoch.current();
      await act();
      return (await opened.subject.epoch.current()) > before;
    };
    const put = async (overrides: Partial<StoredList> = {}): Promise<Awaited<ReturnType<RevocationLists['install']>>> => {
      await lists.begin(aStoredList(overrides));
      return lists.install(aStoredList(overrides));
    };

    it.each<[string, Partial<StoredList>]>([
      ['a whole one', {}],
      ['a delta for some points', { deltaOf: 3n, number: 2n ** 150n, authorityKeyIdentifier: '0a', scope: { only: 'users', reasons: 6, points: ['uri http://ca/1', 'x "y"'] } }],
    ])('has a list in force just as it was installed: %s', async (_what, overrides) => {
      expect(await put(overrides)).toEqual([]);
      expect(await lists.ofTenant(main)).toEqual([aStoredList(overrides)]);
      expect(await lists.ofTenant(aTenantId('other'))).toEqual([]);
    });

    it('has so many in force of one tenant and no more, however they race; one that takes the place of another is none more', async () => {
      const ofPoint = (point: number, more: Partial<StoredList> = {}): StoredList => aStoredList({ id: `p${point}`, scope: { only: 'all', reasons: 510, points: [String(point)] }, ...more });
      const race = [1, 2, 3, 4, 5].map((point) => ofPoint(point));
      for (const list of race) await lists.begin(list);
      const answers = await Promise.all(race.map((list) => lists.install(list, [], 3)));
      expect(answers.filter((answer) => answer === 'too-many')).toHaveLength(2);
      const there = await lists.ofTenant(main);
      expect(there).toHaveLength(3);
      const newer = { ...there[0]!, ...later };
      await lists.begin(newer);
      expect(await lists.install(newer, [], 1)).toEqual([there[0]]);
      const elsewhere = ofPoint(6, { tenant: aTenantId('other') });
      await lists.begin(elsewhere);
      expect(await lists.install(elsewhere, [], 1)).toEqual([]);
      expect(await moves(() => lists.install(ofPoint(answers.indexOf('too-many') + 1), [], 3))).toBe(false);
    });

    it('has none in force before it is installed, and none installed that had not begun', async () => {
      expect(await lists.install(aStoredList())).toBeUndefined();
      await lists.begin(aStoredList());
      expect(await lists.ofTenant(main)).toEqual([]);
    });

    it('puts the former list of the same place out of force, and names it', async () => {
      await put();
      expect(await put(later)).toEqual([aStoredList()]);
      expect(await lists.ofTenant(main)).toEqual([aStoredList(later)]);
      expect(await lists.install(aStoredList(later))).toBeUndefined();
    });

    it.each<[string, Partial<StoredList>]>([
      ['of another CA', { anchor: aFingerprint('other') }],
      ['of another issuer', { issuer: aName('CN=Other').key }],
      ['of another key', { authorityKeyIdentifier: '0b' }],
      ['for other certificates', { scope: { only: 'users', reasons: 510 } }],
      ['for other points', { scope: { only: 'all', reasons: 510, points: ['uri a'] } }],
      ['that is a delta', { deltaOf: 1n }],
    ])('leaves a list in force %s', async (_what, overrides) => {
      await put();
      expect(await put({ ...later, ...overrides })).toEqual([]);
      expect((await lists.ofTenant(main)).map(({ id }) => id)).toEqual(['1', '2']);
    });

    it('leaves another tenant’s list in force', async () => {
      await put({ tenant: aTenantId('other') });
      expect(await put(later)).toEqual([]);
      expect(await lists.ofTenant(aTenantId('other'))).toHaveLength(1);
    });

    it('puts a delta in the place of a delta to another list', async () => {
      await put({ deltaOf: 1n });
      expect(await put({ ...later, deltaOf: 2n })).toHaveLength(1);
    });

    it.each([
      ['older', after(-2)],
      ['as new', aStoredList().thisUpdate],
    ])('does not install a list that is %s, whose place is taken', async (_what, thisUpdate) => {
      await put();
      expect(await moves(async () => expect(await put({ id: '2', thisUpdate })).toBeUndefined())).toBe(false);
      expect(await lists.ofTenant(main)).toEqual([aStoredList()]);
    });

    it('installs one of two as new as each other, however they race', async () => {
      await Promise.all(['1', '2', '3'].map((id) => lists.begin(aStoredList({ id }))));
      const answers = await Promise.all(['1', '2', '3'].map((id) => lists.install(aStoredList({ id }))));
      expect(answers.filter((answer) => answer !== undefined)).toHaveLength(1);
      expect(await lists.ofTenant(main)).toHaveLength(1);
    });

    it('withdraws a list in force once', async () => {
      await put();
      expect([await lists.withdraw(aTenantId('other'), '1'), await lists.withdraw(main, '1'), await lists.withdraw(main, '1')]).toEqual([undefined, aStoredList(), undefined]);
      expect([await lists.install(aStoredList()), await lists.ofTenant(main)]).toEqual([undefined, []]);
    });

    it('names what was left behind, until it is finished', async () => {
      await put();
      await put(later);
      await lists.begin(aStoredList({ id: '3' }));
      await lists.finish(main, '2');
      const left = async () => (await lists.leftBehind(after(1))).map(({ id }) => id).sort();
      expect([await left(), await lists.leftBehind(NOW)]).toEqual([['1', '3'], []]);
      await lists.finish(main, '1');
      expect([await left(), (await lists.ofTenant(main)).length]).toEqual([['3'], 1]);
    });

    it('moves the epoch when a list comes into force or goes, and not while it is filled or forgotten', async () => {
      expect(await moves(() => lists.begin(aStoredList()))).toBe(false);
      expect(await moves(() => lists.install(aStoredList()))).toBe(true);
      expect(await moves(() => lists.withdraw(main, '1'))).toBe(true);
      expect(await moves(() => lists.withdraw(main, '1'))).toBe(false);
      expect(await moves(() => lists.finish(main, '1'))).toBe(false);
    });

    it('keeps one rule of each CA of each tenant', async () => {
      expect(await moves(() => lists.setRule(aRule()))).toBe(true);
      await lists.setRule(aRule({ tenant: aTenantId('other'), urls: [] }));
      const changed = aRule({ acceptHours: 0, refuseHours: 9, missing: 'accept', urls: ['http://ca/3'] });
      await lists.setRule(changed);
      expect([await lists.ruleOf(main, anchor), await lists.ruleOf(main, aFingerprint('other'))]).toEqual([changed, undefined]);
      expect(await lists.rules()).toEqual([changed, aRule({ tenant: aTenantId('other'), urls: [] })]);
      expect(await moves(() => lists.removeRule(main, anchor))).toBe(true);
      expect([await moves(() => lists.removeRule(main, anchor)), await lists.removeRule(main, anchor), await lists.ruleOf(main, anchor)]).toEqual([false, false, undefined]);
    });
  });
}
