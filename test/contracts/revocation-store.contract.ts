import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { revocableOf, type Revocation, type RevocableCertificate } from '../../src/domain/revocation/revocation.ts';
import type { AdmissionEpoch } from '../../src/ports/driven/admission-epoch.ts';
import type { RevocationStore } from '../../src/ports/driven/revocation-store.ts';
import { aCaCertificate, aCertificate, after, aName, anAnchor, aRevocation, aTenantId } from '../support/certificate-builders.ts';
import type { Opened } from './opened.ts';

export interface RevocationsUnderTest {
  readonly store: RevocationStore;
  readonly epoch: AdmissionEpoch;
}

const leaf = aCertificate();
const [asked] = revocableOf([leaf, aCaCertificate()]) as [RevocableCertificate];
const issuer = leaf.issuer.key;
const other = aName('CN=Other CA').key;
/** Of kilobytes that cannot be compressed. */
const LONG = aName(Array.from({ length: 40 }, (_, i) => `OU=${createHash('sha512').update(String(i)).digest('base64url')}`).join(',')).key;
const ofList = (n: number, list = 'crl:1'): Revocation => aRevocation({ source: list as Revocation['source'], serialNumber: `aa${10 + n}`, by: '' });

/** What every RevocationStore promises. `open` hands over one that is empty, with the epoch that it moves. */
export function revocationStoreContract(name: string, open: () => Promise<Opened<RevocationsUnderTest>>): void {
  describe(`${name} keeps the promises of a RevocationStore`, () => {
    const main = aTenantId();
    let opened: Opened<RevocationsUnderTest>;
    let store: RevocationStore;
    beforeEach(async () => {
      opened = await open();
      ({ store } = opened.subject);
    });
    afterEach(() => opened.close());

    const moves = async (act: () => Promise<unknown>): Promise<boolean> => {
      const before = await opened.subject.epoch.current();
      await act();
      return (await opened.subject.epoch.current()) > before;
    };
    const OPERATORS = ['manual', 'hold'] as const;
    const all = async (tenant = main): Promise<readonly Revocation[]> => (await store.listOf(tenant, OPERATORS, { number: 1, size: 100 })).items;

    it.each<[string, Partial<Revocation>, boolean]>([
      ['its serial number, of any issuer', {}, true],
      ['its serial number, of its issuer', { issuer }, true],
      ['its serial number, of another issuer', { issuer: other }, false],
      ['another serial number', { serialNumber: '0001' }, false],
      ['its fingerprint', { serialNumber: '', fingerprint: leaf.fingerprint }, true],
      ['another fingerprint', { serialNumber: '', fingerprint: anAnchor().certificate.fingerprint }, false],
      ['its serial number, and another fingerprint', { fingerprint: anAnchor().certificate.fingerprint }, true],
      ['its fingerprint, and another serial number of its issuer', { fingerprint: leaf.fingerprint, serialNumber: '77', issuer }, true],
      ['its fingerprint and its serial number', { fingerprint: leaf.fingerprint, issuer, source: 'hold', reason: 'certificateHold', note: 'Stolen? Ask Ann.' }, true],
    ])('finds what names a certificate by %s', async (_what, overrides, isFound) => {
      const revocation = aRevocation({ since: after(-7), ...overrides });
      await store.add([revocation]);
      expect(await store.about(main, [asked])).toEqual(isFound ? [revocation] : []);
    });

    it('keeps what names an issuer with a name of any length', async () => {
      const names = [LONG, `${LONG}2`, 'CN=back\\slash', 'CN=back\\\\slash', '\\x41'] as (typeof LONG)[];
      for (const long of names) await keepsAndReleases(long);
      await store.add(names.map((long) => aRevocation({ issuer: long })));
      expect(await all()).toHaveLength(names.length);
    });

    const keepsAndReleases = async (long: typeof LONG): Promise<void> => {
      const revocation = aRevocation({ issuer: long, source: 'hold' });
      expect(await store.add([revocation])).toEqual([revocation]);
      expect(await store.about(main, [{ ...asked, issuer: long }])).toEqual([revocation]);
      expect(await store.add([revocation])).toEqual([]);
      expect(await store.walk(main, revocation.source, undefined, 10)).toEqual([revocation]);
      expect(await store.release(main, 'hold', revocation)).toBe(true);
      expect(await all()).toEqual([]);
    };

    it('keeps so many statements of the operators of one tenant and no more, however they race, and counts none twice', async () => {
      const said = (n: number, source: Revocation['source'] = 'manual', tenant = main): Revocation => aRevocation({ serialNumber: `bb${10 + n}`, source, tenant });
      await store.add([said(1, 'crl:1'), said(2, 'crl:1'), said(1, 'manual', aTenantId('other'))]);
      const answers = await Promise.all([1, 2, 3, 4, 5].map((n) => store.addWithin(3, [said(n, n % 2 === 0 ? 'manual' : 'hold')])));
      expect(answers.filter((answer) => answer === 'too-many')).toHaveLength(2);
      expect(await all()).toHaveLength(3);
      const there = await all();
      expect(await store.addWithin(3, there)).toEqual([]);
      expect(await moves(() => store.addWithin(4, [said(7), said(8)]))).toBe(false); // all or nothing
      expect(await all()).toHaveLength(3);
      expect(await store.addWithin(4, [...there, said(7), said(7)])).toEqual([said(7)]);
      expect(await store.addWithin(1, [])).toEqual([]);
    });

    it('asks about every certificate of a path at once, and names each statement once', async () => {
      const [both, ca] = [aRevocation({ fingerprint: leaf.fingerprint }), aRevocation({ serialNumber: '02' })];
      await store.add([both, ca]);
      const found = await store.about(main, [asked, { ...asked, serialNumber: '02', fingerprint: aCaCertificate().fingerprint }, asked]);
      expect(found).toHaveLength(2);
      expect(found).toEqual(expect.arrayContaining([both, ca]));
      expect(await store.about(main, [])).toEqual([]);
    });

    it('T12 says nothing to one tenant of what another revoked', async () => {
      const { fingerprint } = leaf;
      await store.add(['other', 'm_in'].map((tenant) => aRevocation({ tenant: aTenantId(tenant), fingerprint })));
      expect([await store.about(main, [asked]), await all()]).toEqual([[], []]);
      expect(await store.release(main, 'hold', aRevocation({ fingerprint }))).toBe(false);
      expect(await all(aTenantId('other'))).toHaveLength(1);
    });

    it('leaves what is there already as it is, and says what is new', async () => {
      const first = aRevocation({ since: after(-7), reason: 'keyCompromise' });
      expect(await store.add([first])).toEqual([first]);
      const news = [aRevocation({ issuer }), aRevocation({ source: 'hold' })];
      expect(await store.add([aRevocation(), ...news, aRevocation({ issuer, note: 'twice' })])).toEqual(news);
      expect(await all()).toHaveLength(3);
      expect(await all()).toContainEqual(first);
      expect(await store.add([])).toEqual([]);
    });

    it('says of each statement once that it is new, however many calls race', async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => store.add([aRevocation(), aRevocation({ serialNumber: '07' })])));
      expect(answers.flat()).toHaveLength(2);
    });

    it('releases a hold of exactly that name, and nothing else', async () => {
      const hold = aRevocation({ source: 'hold', issuer });
      const others = [aRevocation({ issuer }), aRevocation({ source: 'hold' }), aRevocation({ source: 'hold', issuer, fingerprint: leaf.fingerprint })];
      await store.add([hold, ...others]);
      expect([await store.release(main, 'hold', hold), await store.release(main, 'hold', hold)]).toEqual([true, false]);
      const left = await all();
      expect(left).toHaveLength(3);
      expect(left).toEqual(expect.arrayContaining(others));
      const sameLeaf = { ...asked, serialNumber: '77' };
      expect(await store.about(main, [sameLeaf])).toEqual([others[2]]);
      expect(await store.release(main, 'hold', others[2]!)).toBe(true);
      expect(await store.about(main, [sameLeaf])).toEqual([]);
    });

    it('moves the epoch with every statement of an operator or a responder, and with its release', async () => {
      expect(await moves(() => store.add([aRevocation()]))).toBe(true);
      expect(await moves(() => store.add([aRevocation({ source: 'ocsp' })]))).toBe(true);
      expect(await moves(() => store.add([ofList(1), aRevocation({ source: 'hold' })]))).toBe(true);
      expect(await moves(() => store.release(main, 'hold', aRevocation()))).toBe(true);
      expect(await moves(() => store.release(main, 'hold', aRevocation()))).toBe(false);
      expect(await moves(() => store.about(main, [asked]))).toBe(false);
    });

    it('fills and forgets a list in parts, and the epoch stands still', async () => {
      const moved = await moves(async () => {
        await store.add(Array.from({ length: 7 }, (_, n) => ofList(n)));
        await store.add([ofList(1, 'crl:11'), { ...ofList(1), tenant: aTenantId('other') }]);
        expect(await store.about(main, [{ ...asked, serialNumber: 'aa11' }])).toHaveLength(2);
        expect([await store.forgetList(main, 'crl:1', 4), await store.forgetList(main, 'crl:1', 4), await store.forgetList(main, 'crl:1', 4)]).toEqual([4, 3, 0]);
      });
      expect(moved).toBe(false);
      expect((await store.listOf(main, ['crl:1'], { number: 1, size: 9 })).total).toBe(0);
      expect((await store.listOf(main, ['crl:11'], { number: 1, size: 9 })).total).toBe(1);
      expect((await store.listOf(aTenantId('other'), ['crl:1'], { number: 1, size: 9 })).total).toBe(1);
    });

    it('walks through one source by name, in parts', async () => {
      const names = [{ serialNumber: '', fingerprint: leaf.fingerprint }, {}, { fingerprint: leaf.fingerprint }, { issuer }, { serialNumber: '0100' }, { serialNumber: '02' }];
      const holds = names.map((each, n) => aRevocation({ ...each, source: 'hold', since: after(-n) }));
      await store.add([...holds.toReversed(), ...holds.map((hold): Revocation => ({ ...hold, source: 'manual' })), aRevocation({ source: 'hold', tenant: aTenantId('other') })]);
      const first = await store.walk(main, 'hold', undefined, 4);
      const rest = await store.walk(main, 'hold', first.at(-1), 4);
      expect([...first, ...rest]).toEqual(holds);
      expect(first).toHaveLength(4);
      expect(await store.walk(main, 'hold', rest.at(-1), 4)).toEqual([]);
    });

    it('lists by sources and pages, newest first', async () => {
      const [a, b, c] = [aRevocation({ serialNumber: '0a', since: after(1) }), aRevocation({ serialNumber: '0b', source: 'hold', since: after(1) }), aRevocation({ since: after(2) })];
      await store.add([a, b, c, ofList(1)]);
      expect(await all()).toEqual([c, a, b]);
      expect(await store.listOf(main, OPERATORS, { number: 2, size: 2 })).toEqual({ items: [b], total: 3 });
      expect(await store.listOf(main, ['hold'], { number: 1, size: 2 })).toEqual({ items: [b], total: 1 });
      expect(await store.listOf(main, [], { number: 1, size: 2 })).toEqual({ items: [], total: 0 });
      await store.add([aRevocation({ tenant: aTenantId('other') })]);
      expect([await store.countOf(main, OPERATORS), await store.countOf(main, ['manual', 'crl:1']), await store.countOf(main, [])]).toEqual([3, 3, 0]);
    });
  });
}
