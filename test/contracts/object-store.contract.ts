import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ExternalId, ManagedObject, ObjectId } from '../../src/domain/inventory/managed-object.ts';
import type { ObjectFilter, ObjectStore } from '../../src/ports/driven/object-store.ts';
import { after, anObject, aTenantId, NOW } from '../support/certificate-builders.ts';
import type { Opened } from './opened.ts';

/** What every ObjectStore promises. `open` hands over a store that is empty. */
export function objectStoreContract(name: string, open: () => Promise<Opened<ObjectStore>>): void {
  describe(`${name} keeps the promises of an ObjectStore`, () => {
    const main = aTenantId();
    const other = aTenantId('other');
    let opened: Opened<ObjectStore>;
    let store: ObjectStore;
    beforeEach(async () => {
      opened = await open();
      store = opened.subject;
    });
    afterEach(() => opened.close());

    const id = (number: number): ObjectId => String(100_000_000_000_000 + number) as ObjectId;
    const serial = (externalId: string): ExternalId => ({ type: 'c8y_Serial', externalId });
    const added = async (number: number, overrides: Partial<ManagedObject> = {}): Promise<ManagedObject> => {
      const object = anObject({ id: id(number), ...overrides });
      expect(await store.add(object)).toBe('added');
      return object;
    };
    const numbers = (objects: readonly ManagedObject[]): readonly number[] => objects.map((object) => Number(object.id) - 100_000_000_000_000);
    const listed = async (filter: ObjectFilter = {}, tenant = main): Promise<readonly number[]> => {
      const found = numbers(await store.list(tenant, filter, { offset: 0, limit: 1_000 }));
      expect(await store.count(tenant, filter)).toBe(found.length);
      return found;
    };

    it.each<[string, Partial<ManagedObject>]>([
      ['as usual', {}],
      ['with nothing in it', { type: '', name: '', fragments: {} }],
      ['with odd texts and names', { name: `a;'\n"%_é\u{1F600}`, owner: 'ada', fragments: { "a.b'%\"": { '': null, x: [1, 'é', true, { y: -0.5 }] } } }],
      ['changed before', { lastUpdated: after(5), revision: 7 }],
    ])('finds an object just as it was added: %s', async (_kind, overrides) => {
      await added(1);
      const object = await added(7, overrides);
      expect(await store.find(main, object.id)).toEqual(object);
    });

    it('knows nothing it was not told of', async () => {
      await store.add(anObject(), { externalIds: [serial('a')] });
      expect(await store.find(main, id(8))).toBeUndefined();
      expect(await store.find(other, id(7))).toBeUndefined();
      for (const external of [serial('A'), serial('a '), { type: 'c8y_serial', externalId: 'a' }, { type: 'a', externalId: 'c8y_Serial' }])
        expect(await store.findByExternalId(main, external)).toBeUndefined();
      expect(await store.findByExternalId(other, serial('a'))).toBeUndefined();
      expect([await listed({}, other), await store.externalIdsOf(other, id(7))]).toEqual([[], []]);
    });

    it('never overwrites, and adds the object and its external ids together or not at all', async () => {
      const first = anObject();
      await store.add(first, { externalIds: [serial('a')] });
      expect(await store.add(anObject({ name: 'Later' }), { externalIds: [serial('b')] })).toBe('id-taken');
      expect(await store.add(anObject({ id: id(8) }), { externalIds: [serial('c'), serial('a')] })).toBe('external-id-taken');
      expect(await store.find(main, first.id)).toEqual(first);
      expect([await listed(), await store.findByExternalId(main, serial('b')), await store.findByExternalId(main, serial('c'))]).toEqual([[7], undefined, undefined]);
      expect(await listed({ fragment: 'c8y_IsDevice' })).toEqual([7]);
    });

    it('adds many together, or none of them', async () => {
      await store.add(anObject(), { externalIds: [serial('a')] });
      const two = (one: ManagedObject, hers: string, other: ManagedObject, his: string) => [{ object: one, externalIds: [serial(hers)] }, { object: other, externalIds: [serial(his)] }];
      const [eight, nine] = [anObject({ id: id(8) }), anObject({ id: id(9), fragments: { x: 1 } })];
      for (const refused of [two(eight, 'b', anObject(), 'c'), two(eight, 'b', nine, 'a'), two(eight, 'b', nine, 'b'), two(eight, 'b', eight, 'c')])
        expect(await store.addAll(refused)).toBe('not-added');
      expect([await listed(), await store.findByExternalId(main, serial('b'))]).toEqual([[7], undefined]);
      expect(await store.addAll([...two(eight, 'b', nine, 'c'), { object: anObject({ tenant: other, id: id(8) }), externalIds: [serial('b')] }, { object: anObject({ id: id(1) }), parent: { id: id(7), kind: 'childAssets' } }])).toBe('added');
      expect([await listed(), await listed({ fragment: 'x' }), await listed({}, other)]).toEqual([[1, 7, 8, 9], [9], [8]]);
      expect([await store.findByExternalId(main, serial('c')), await store.isLinked(main, id(7), 'childAssets', id(1))]).toEqual([nine, true]);
    });

    it('adds once when twenty race for one external id', async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => store.add(anObject({ id: id(i) }), { externalIds: [serial('a')] })));
      expect(answers.filter((answer) => answer === 'added')).toHaveLength(1);
      expect([answers.filter((answer) => answer === 'external-id-taken').length, (await listed()).length]).toEqual([19, 1]);
    });

    it('T09 keeps two tenants’ objects of one id and one external id apart', async () => {
      for (const tenant of [main, other]) await store.add(anObject({ tenant, name: tenant }), { externalIds: [serial('a')] });
      expect((await store.findByExternalId(other, serial('a')))?.name).toBe('other');
      expect(await store.change({ ...anObject({ tenant: other, name: 'changed' }), revision: 2 })).toBe('changed');
      expect(await store.removeExternalId(other, id(7), serial('a'))).toBe(true);
      expect((await store.findByExternalId(main, serial('a')))?.name).toBe('main');
      expect(await store.remove(other, id(7))).toBe(true);
      expect([await listed(), await listed({}, other), await listed({ fragment: 'c8y_IsDevice' })]).toEqual([[7], [], [7]]);
    });

    it('lets an owner have so many objects and no more, however they race', async () => {
      const wish = { mostOfOwner: 3 };
      const answers = await Promise.all(Array.from({ length: 5 }, (_, i) => store.add(anObject({ id: id(i) }), wish)));
      expect([...answers].sort()).toEqual(['added', 'added', 'added', 'too-many', 'too-many']);
      expect(await store.add(anObject({ id: id(9), owner: 'device_press-8' }), wish)).toBe('added');
      expect(await store.add(anObject({ id: id(9), tenant: other }), wish)).toBe('added');
    });

    it('lists what fits all of a filter, in the order of ids', async () => {
      await added(3, { type: 'press', name: 'Press 100%', fragments: { c8y_IsDevice: {}, c8y_Mobile: {} } });
      await added(1, { type: 'pump', name: 'PUMP_1' });
      await added(2, { type: 'press', owner: 'ada', name: 'Ärger', fragments: {} });
      await added(4, { tenant: other });
      expect(await listed()).toEqual([1, 2, 3]);
      const rows: readonly (readonly [ObjectFilter, readonly number[]])[] = [
        [{ type: 'press' }, [2, 3]], [{ type: 'Press' }, []], [{ owner: 'ada' }, [2]], [{ fragment: 'c8y_IsDevice' }, [1, 3]], [{ fragment: 'c8y_Is' }, []],
        [{ text: 'pump_' }, [1]], [{ text: '_1' }, [1]], [{ text: '%' }, [3]], [{ text: 'R' }, [2, 3]], [{ text: 'ärger' }, []], [{ text: '\\' }, []],
        [{ type: 'press', fragment: 'c8y_Mobile', owner: 'device_press-7', text: 'press' }, [3]], [{ type: 'pump', owner: 'ada' }, []],
      ];
      for (const [filter, expected] of rows) expect([filter, await listed(filter)]).toEqual([filter, expected]);
    });

    it('lists part by part', async () => {
      for (const number of [5, 1, 4, 2, 3]) await added(number);
      const part = async (offset: number, limit: number): Promise<readonly number[]> => numbers(await store.list(main, { type: 'press' }, { offset, limit }));
      expect([await part(0, 2), await part(2, 2), await part(4, 2), await part(6, 2)]).toEqual([[1, 2], [3, 4], [5], []]);
    });

    it('changes an object from the revision before alone, so that of two changes at once none is lost', async () => {
      const object = await added(7);
      const next = (revision: number, name: string): ManagedObject =>
        ({ ...object, revision, name, owner: 'ada', type: 'pump', lastUpdated: after(revision), creationTime: after(99), fragments: { [name]: {} } });
      const answers = await Promise.all([store.change(next(2, 'one')), store.change(next(2, 'two'))]);
      expect(answers).toEqual(['changed', 'moved']);
      expect(await store.find(main, object.id)).toEqual({ ...next(2, 'one'), creationTime: NOW });
      expect([await listed({ fragment: 'c8y_IsDevice' }), await listed({ fragment: 'one' }), await listed({ fragment: 'two' })]).toEqual([[], [7], []]);
      expect([await store.change(next(4, 'four')), await store.change({ ...next(2, 'x'), id: id(8) })]).toEqual(['moved', 'not-there']);
      expect(await store.change({ ...next(3, 'x'), tenant: other })).toBe('not-there');
      expect(await store.change(next(3, 'three'))).toBe('changed');
    });

    it('removes an object with its external ids and its places', async () => {
      await store.add(anObject(), { externalIds: [serial('a')] });
      for (const number of [1, 2]) await added(number);
      await store.link(main, id(1), 'childDevices', id(7));
      await store.link(main, id(7), 'childAssets', id(2));
      expect([await store.remove(main, id(7)), await store.remove(main, id(7))]).toEqual([true, false]);
      expect(await store.add(anObject({ fragments: {} }), { externalIds: [serial('b')] })).toBe('added');
      expect(await store.findByExternalId(main, serial('a'))).toBeUndefined();
      const part = { offset: 0, limit: 9 };
      expect([await store.childrenOf(main, id(1), 'childDevices', part), await store.childrenOf(main, id(7), 'childAssets', part)]).toEqual([[], []]);
      expect([await listed({ fragment: 'c8y_IsDevice' }), await store.externalIdsOf(main, id(7))]).toEqual([[1, 2], [serial('b')]]);
    });

    it('gives an external id to one object, and an object so many', async () => {
      for (const number of [1, 2]) await added(number);
      const give = (number: number, external: ExternalId, most = 2): Promise<string> => store.addExternalId(main, id(number), external, most);
      expect(await give(1, serial('b'))).toBe('added');
      expect([await give(1, serial('b')), await give(2, serial('b')), await give(9, serial('c'))]).toEqual(['already-there', 'taken', 'not-there']);
      expect([await give(1, { type: 'a', externalId: 'z' }), await give(1, serial('d')), await give(1, serial('d'), 3)]).toEqual(['added', 'too-many', 'added']);
      expect(await store.externalIdsOf(main, id(1))).toEqual([{ type: 'a', externalId: 'z' }, serial('b'), serial('d')]);
      expect((await store.findByExternalId(main, serial('b')))?.id).toBe(id(1));
      const take = (number: number): Promise<boolean> => store.removeExternalId(main, id(number), serial('b'));
      expect([await take(2), await take(1), await take(1)]).toEqual([false, true, false]);
      expect((await Promise.all([give(2, serial('b')), give(1, serial('b')), give(1, serial('b'))]))).toEqual(['added', 'taken', 'taken']);
    });

    it('links objects of one tenant, each once, and lists what is below', async () => {
      for (const number of [1, 2, 3]) await added(number);
      await store.add(anObject({ id: id(4) }), { externalIds: [serial('four'), { type: 'x', externalId: 'y' }], parent: { id: id(1), kind: 'childDevices' } });
      await added(5, { tenant: other });
      const link = (child: number, parent = 1): Promise<string> => store.link(main, id(parent), 'childDevices', id(child));
      expect([await link(3), await link(3), await link(2), await link(5), await link(9), await link(2, 9)]).toEqual(['linked', 'linked', 'linked', 'not-there', 'not-there', 'not-there']);
      expect([await store.isLinked(main, id(1), 'childDevices', id(3)), await store.isLinked(main, id(1), 'childAssets', id(3)), await store.isLinked(other, id(1), 'childDevices', id(3)), await store.isLinked(main, id(3), 'childDevices', id(1))]).toEqual([true, false, false, false]);
      const below = async (offset: number, limit: number): Promise<readonly number[]> => numbers(await store.childrenOf(main, id(1), 'childDevices', { offset, limit }));
      expect([await below(0, 9), await below(0, 2), await below(2, 2)]).toEqual([[2, 3, 4], [2, 3], [4]]);
      expect(await store.childrenOf(main, id(1), 'childAssets', { offset: 0, limit: 9 })).toEqual([]);
      expect(await store.childrenOf(other, id(1), 'childDevices', { offset: 0, limit: 9 })).toEqual([]);
      const serials = (limit: number): Promise<readonly string[]> => store.externalIdsOfChildren(main, id(1), 'childDevices', 'c8y_Serial', limit);
      expect([await serials(9), await serials(0)]).toEqual([['four'], []]);
    });

    it('adds an object whose parent is gone, without one', async () => {
      expect(await store.add(anObject(), { parent: { id: id(1), kind: 'childAssets' } })).toBe('added');
      await added(1);
      expect(await store.childrenOf(main, id(1), 'childAssets', { offset: 0, limit: 9 })).toEqual([]);
    });
  });
}
