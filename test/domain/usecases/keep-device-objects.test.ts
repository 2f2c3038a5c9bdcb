import { beforeEach, describe, expect, it } from '@jest/globals';
import { InMemoryObjectStore } from '../../../src/adapters/in-memory/in-memory-object-store.ts';
import { emptyState } from '../../../src/adapters/in-memory/in-memory-state.ts';
import type { ManagedObject, ObjectId } from '../../../src/domain/inventory/managed-object.ts';
import { KeepDeviceObjects } from '../../../src/domain/usecases/keep-device-objects.ts';
import { aDeviceId, after, anObject, aTenantId, FixedClock, NOW } from '../../support/certificate-builders.ts';

const main = aTenantId();
const press = { tenant: main, device: aDeviceId() };
const serial = (externalId: string) => ({ type: 'c8y_Serial', externalId });
const WISH = { name: 'Press', type: 'press' };

describe('What a device says of itself', () => {
  let objects: InMemoryObjectStore;
  let clock: FixedClock;
  let desk: KeepDeviceObjects;
  let chance: string[];
  beforeEach(() => {
    objects = new InMemoryObjectStore({ state: emptyState() });
    clock = new FixedClock();
    chance = [];
    let ids = 0;
    desk = new KeepDeviceObjects({ objects, clock, identifiers: { next: () => chance.shift() ?? `id-${++ids}` } });
  });
  const own = async (): Promise<ManagedObject> => (await objects.findByExternalId(main, serial('press-7')))!;

  it('becomes its object, which belongs to its user and has its serial', async () => {
    expect(await desk.introduce(press, WISH)).toBe('created');
    expect(await own()).toEqual({
      tenant: 'main', id: expect.stringMatching(/^\d{15}$/), owner: 'device_press-7', name: 'Press', type: 'press',
      creationTime: NOW, lastUpdated: NOW, revision: 1, fragments: { c8y_IsDevice: {}, com_cumulocity_model_Agent: {} },
    });
    expect(await desk.objectOf(press)).toBe((await own()).id);
  });

  it('has defaults', async () => {
    await desk.introduce(press, { name: '', type: '' });
    expect(await own()).toMatchObject({ name: 'MQTT Device press-7', type: 'c8y_MQTTDevice' });
  });

  it.each(['x'.repeat(255), 'a\u0000b'])('falls back to its defaults where a text cannot be kept', async (text) => {
    expect(await desk.introduce(press, { name: text, type: text })).toBe('created');
    expect(await own()).toMatchObject({ name: 'MQTT Device press-7', type: 'c8y_MQTTDevice' });
  });

  it('is told once, however often and at once it is said', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => desk.introduce(press, WISH)));
    expect([...answers].sort()).toEqual([...Array<string>(9).fill('already-there'), 'created']);
    expect(await desk.introduce(press, { name: 'Other', type: '' })).toBe('already-there');
    expect((await own()).name).toBe('Press');
    expect(await objects.count(main, {})).toBe(1);
  });

  it('gets another id when chance made one that is taken', async () => {
    chance = ['same', 'same', 'other'];
    expect(await desk.introduce(press, WISH)).toBe('created');
    expect(await desk.introduce({ ...press, device: aDeviceId('press-8') }, WISH)).toBe('created');
    expect(await objects.count(main, {})).toBe(2);
  });

  it('T09 is another device in another tenant', async () => {
    await desk.introduce(press, WISH);
    expect(await desk.objectOf({ ...press, tenant: aTenantId('other') })).toBeUndefined();
    expect(await desk.introduce({ ...press, tenant: aTenantId('other') }, WISH)).toBe('created');
  });

  it('D-34 changes no object of somebody else that has its serial', async () => {
    await objects.add(anObject({ owner: 'device_thief' }), { externalIds: [serial('press-7')] });
    expect(await desk.introduce(press, WISH)).toBe('already-there');
    expect([await desk.objectOf(press), await desk.childrenOf(press), await desk.setFragments(press, { a: 1 })]).toEqual([undefined, [], false]);
    expect(await own()).toEqual(anObject({ owner: 'device_thief' }));
  });

  it('has no children and no fragments as long as there is no object', async () => {
    expect([await desk.objectOf(press), await desk.childrenOf(press), await desk.setFragments(press, { a: 1 })]).toEqual([undefined, [], false]);
  });

  it('names the serials of its children', async () => {
    await desk.introduce(press, WISH);
    const child = anObject();
    await objects.add(child, { externalIds: [serial('child'), { type: 'c8y_Imei', externalId: '1' }], parent: { id: (await own()).id, kind: 'childDevices' } });
    await objects.add(anObject({ id: '5' as ObjectId }), { externalIds: [serial('asset')], parent: { id: (await own()).id, kind: 'childAssets' } });
    expect(await desk.childrenOf(press)).toEqual(['child']);
  });

  it('merges fragments, each as a whole', async () => {
    await desk.introduce(press, WISH);
    clock.set(after(5));
    expect(await desk.setFragments(press, { c8y_Hardware: { model: 'a', serialNumber: 'b' } })).toBe(true);
    expect(await desk.setFragments(press, { c8y_Hardware: { model: 'c' }, c8y_SupportedOperations: ['c8y_Restart'] })).toBe(true);
    expect(await own()).toMatchObject({
      lastUpdated: after(5), creationTime: NOW, revision: 3,
      fragments: { c8y_IsDevice: {}, com_cumulocity_model_Agent: {}, c8y_Hardware: { model: 'c' }, c8y_SupportedOperations: ['c8y_Restart'] },
    });
  });

  it('R09 loses no fragment of ten that are set at once', async () => {
    await desk.introduce(press, WISH);
    const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => desk.setFragments(press, { [`f${i}`]: i })));
    expect(answers).toEqual(Array(10).fill(true));
    expect(Object.keys((await own()).fragments)).toHaveLength(12);
  });

  it('keeps no fragment that may not be, and what was there stays', async () => {
    await desk.introduce(press, WISH);
    expect(await desk.setFragments(press, { big: 'x'.repeat(17_000) })).toBe(false);
    expect((await own()).revision).toBe(1);
  });
});
