import { beforeEach, describe, expect, it } from '@jest/globals';
import { InMemoryDeviceRegistry } from '../../../src/adapters/in-memory/in-memory-device-registry.ts';
import { InMemoryObjectStore } from '../../../src/adapters/in-memory/in-memory-object-store.ts';
import { emptyState } from '../../../src/adapters/in-memory/in-memory-state.ts';
import { InMemoryTenantDirectory } from '../../../src/adapters/in-memory/in-memory-tenant-directory.ts';
import type { ManagedObject, ObjectId } from '../../../src/domain/inventory/managed-object.ts';
import { KeepDeviceObjects } from '../../../src/domain/usecases/keep-device-objects.ts';
import { RegisterDevices } from '../../../src/domain/usecases/register-devices.ts';
import type { ObjectStore } from '../../../src/ports/driven/object-store.ts';
import type { BulkAnswer, BulkRow } from '../../../src/ports/driving/registration-desk.ts';
import { aDevice, aDeviceId, after, anObject, aTenant, aTenantId, FixedClock } from '../../support/certificate-builders.ts';

const main = aTenantId();
const other = aTenantId('other');
type Cells = Record<string, string>;
const aRow = (line: number, cells: Cells = {}): BulkRow => ({ line, cells: { ID: `d-${line}`, AUTH_TYPE: 'CERTIFICATES', TYPE: 'press', NAME: `Press ${line}`, ...cells } });
async function* from(rows: Iterable<BulkRow>): AsyncGenerator<BulkRow> {
  yield* rows;
}

describe('Objects of a bulk file', () => {
  let store: InMemoryObjectStore;
  let devices: InMemoryDeviceRegistry;
  let clock: FixedClock;
  let writes: string[];
  let register: (rows: readonly BulkRow[], tenant?: typeof main) => Promise<readonly BulkAnswer[]>;
  let desk: KeepDeviceObjects;
  beforeEach(async () => {
    const state = emptyState();
    [store, devices, clock, writes] = [new InMemoryObjectStore({ state }), new InMemoryDeviceRegistry({ state }), new FixedClock(), []];
    const tenants = new InMemoryTenantDirectory({ state });
    for (const id of [main, other]) await tenants.create(aTenant({ id, domain: `${id}.example.com` }));
    let ids = 0;
    const needs = { objects: counting(store), identifiers: { next: () => `chance-${++ids}` }, clock };
    desk = new KeepDeviceObjects(needs);
    const registration = new RegisterDevices({
      ...needs, devices, tenants, audit: { record: () => undefined },
    });
    register = async (rows, tenant = main) => {
      const answers: BulkAnswer[] = [];
      for await (const answer of registration.register(tenant, from(rows), `${tenant}/ada`)) answers.push(answer);
      return answers;
    };
  });
  const counting = (of: InMemoryObjectStore): ObjectStore =>
    new Proxy(of, {
      get: (target, name: keyof ObjectStore) => (...given: never[]) => {
        if (/^(add|change|link|remove)/.test(name)) writes.push(name);
        return (target[name] as (...given: never[]) => unknown).apply(target, given);
      },
    });

  const find = (externalId: string, type = 'c8y_Serial', tenant = main): Promise<ManagedObject | undefined> => store.findByExternalId(tenant, { type, externalId });
  const codes = (answers: readonly BulkAnswer[]): readonly string[] => answers.map((each) => (each.result === 'failed' ? each.refusal.code : each.result));
  const membersOf = async (group: ManagedObject | undefined): Promise<readonly string[]> =>
    (await store.childrenOf(main, group!.id, 'childAssets', { offset: 0, limit: 99 })).map(({ name }) => name).sort();

  it('are made with their rows, belong to their devices, and are found by the serial', async () => {
    expect(codes(await register([aRow(2, { 'a.b': '1', SHELL: '1' }), aRow(3, { NAME: '' })]))).toEqual(['registered', 'registered']);
    expect(await find('d-2')).toMatchObject({ owner: 'device_d-2', name: 'Press 2', type: 'press', fragments: { c8y_IsDevice: {}, a: { b: '1' }, c8y_SupportedOperations: ['c8y_Command'] } });
    expect([await find('d-3'), (await devices.find(main, aDeviceId('d-3')))?.id]).toEqual([undefined, 'd-3']);
    expect(await desk.objectOf({ tenant: main, device: aDeviceId('d-2') })).toBe((await find('d-2'))!.id);
  });

  it('stay as they are, without a write, when the same file comes again', async () => {
    const rows = [aRow(2, { PATH: 'a/b', 'external-c8y_Imei': '42', SHELL: '1', ICCID: '1' }), aRow(3)];
    await register(rows);
    const before = [await find('d-2'), await find('d-3')];
    clock.set(after(9));
    writes.length = 0;
    expect(codes(await register(rows))).toEqual(['updated', 'updated']);
    expect([[await find('d-2'), await find('d-3')], writes, await store.count(main, {})]).toEqual([before, [], 4]);
  });

  it('follow the file when it has changed, and keep what it does not mention', async () => {
    await register([aRow(2, { 'a.b': '1', ICCID: '1' })]);
    await desk.setFragments({ tenant: main, device: aDeviceId('d-2') }, { c8y_SupportedOperations: ['c8y_Restart'], mine: 1 });
    expect(codes(await register([aRow(2, { NAME: 'New', 'a.c': '2', SHELL: '1', PATH: 'a', 'external-x': 'y' })]))).toEqual(['updated']);
    expect(await find('y', 'x')).toMatchObject({ name: 'New', fragments: { a: { c: '2' }, c8y_Mobile: { iccid: '1' }, mine: 1, c8y_SupportedOperations: ['c8y_Restart', 'c8y_Command'] } });
    expect(await membersOf(await find('a', 'fleetgate_Path'))).toEqual(['New']);
  });

  it('take over the object with which the device introduced itself', async () => {
    await desk.introduce({ tenant: main, device: aDeviceId('d-2') }, { name: '', type: '' });
    expect(codes(await register([aRow(2)]))).toEqual(['registered']);
    expect([(await find('d-2'))!.name, await store.count(main, {})]).toEqual(['Press 2', 1]);
  });

  it('C07 are one for each device, which is one too, when devices introduce and register themselves at that moment', async () => {
    const ids = Array.from({ length: 40 }, (_, i) => i + 2);
    const [answers] = await Promise.all([
      register(ids.map((line) => aRow(line, { PATH: 'works' }))),
      ...ids.flatMap((line) => [
        devices.register(aDevice({ id: aDeviceId(`d-${line}`) })),
        desk.introduce({ tenant: main, device: aDeviceId(`d-${line}`) }, { name: 'says itself', type: '' }),
      ]),
    ]);
    expect(new Set(codes(answers))).toEqual(new Set(['updated']));
    expect([(await devices.listOf(main, undefined, 99)).length, await store.count(main, { type: 'press' }), await store.count(main, {})]).toEqual([40, 40, 41]);
    expect(await membersOf(await find('works', 'fleetgate_Path'))).toHaveLength(40);
  });

  it('C07 settle row by row where a device comes between the look and the write', async () => {
    const addAll = store.addAll.bind(store);
    store.addAll = async (all) => {
      await desk.introduce({ tenant: main, device: aDeviceId('d-3') }, { name: 'came between', type: '' });
      return addAll(all);
    };
    expect(codes(await register([aRow(2), aRow(3), aRow(4)]))).toEqual(['registered', 'registered', 'registered']);
    expect([(await find('d-2'))?.name, (await find('d-3'))?.name, (await find('d-4'))?.name, await store.count(main, {})]).toEqual(['Press 2', 'Press 3', 'Press 4', 3]);
  });

  it('fail their row alone where an external id belongs to somebody else, and then there is no device', async () => {
    await store.add(anObject({ id: '5' as ObjectId, owner: 'ada' }), { externalIds: [{ type: 'x', externalId: 'theirs' }] });
    const answers = await register([aRow(2), aRow(3, { 'external-x': 'theirs' }), aRow(4, { 'external-x': 'own' }), aRow(5, { 'external-x': 'own' })]);
    expect(codes(answers)).toEqual(['registered', 'bulk.external-id-taken', 'registered', 'bulk.external-id-taken']);
    expect(answers[1]).toMatchObject({ line: 3, id: 'd-3', refusal: { evidence: { type: "'x'", externalId: "'theirs'" } } });
    expect((await devices.listOf(main, undefined, 9)).map(({ id }) => id)).toEqual(['d-2', 'd-4']);
    expect([await find('d-3'), await store.count(main, {})]).toEqual([undefined, 3]);
  });

  it('fail their row where the serial belongs to an object of somebody else, which stays', async () => {
    const theirs = anObject({ owner: 'device_thief' });
    await store.add(theirs, { externalIds: [{ type: 'c8y_Serial', externalId: 'd-2' }] });
    expect(codes(await register([aRow(2)]))).toEqual(['bulk.external-id-taken']);
    expect([await find('d-2'), await devices.find(main, aDeviceId('d-2'))]).toEqual([theirs, undefined]);
  });

  it('change nothing where one of several new external ids is taken, or the object would become too large', async () => {
    await register([aRow(2), aRow(3, { 'external-x': '3' })]);
    const before = await find('d-2');
    await desk.setFragments({ tenant: main, device: aDeviceId('d-3') }, { big: 'x'.repeat(10_000) });
    const answers = await register([aRow(2, { NAME: 'New', 'external-x': '3', 'external-y': '2' }), aRow(3, { a: 'x'.repeat(10_000) })]);
    expect(codes(answers)).toEqual(['bulk.external-id-taken', 'inventory.object-too-large']);
    expect([await find('d-2'), await find('2', 'y')]).toEqual([before, undefined]);
  });

  it('have groups, made once, each below the one before', async () => {
    await register([aRow(2, { PATH: 'works/hall 1' }), aRow(3, { PATH: 'works/hall 1' }), aRow(4, { PATH: 'works' }), aRow(5, { PATH: 'works/hall 2' })]);
    await register([aRow(6, { PATH: 'works/hall 2' })]);
    const works = await find('works', 'fleetgate_Path');
    const hall = await find('works/hall 1', 'fleetgate_Path');
    expect(works).toMatchObject({ owner: 'ada', name: 'works', type: 'c8y_DeviceGroup', fragments: { c8y_IsDeviceGroup: {} } });
    expect(hall).toMatchObject({ owner: 'ada', name: 'hall 1', type: 'c8y_DeviceSubGroup', fragments: { c8y_IsDeviceGroup: {} } });
    expect([await membersOf(works), await membersOf(hall)]).toEqual([['Press 4', 'hall 1', 'hall 2'], ['Press 2', 'Press 3']]);
    expect(await store.count(main, { fragment: 'c8y_IsDeviceGroup' })).toBe(3);
  });

  it('have groups made once when two files race for them', async () => {
    await Promise.all([2, 3, 4].map((line) => register([aRow(line, { PATH: 'a/b' })])));
    expect(await store.count(main, { fragment: 'c8y_IsDeviceGroup' })).toBe(2);
    expect(await membersOf(await find('a/b', 'fleetgate_Path'))).toEqual(['Press 2', 'Press 3', 'Press 4']);
  });

  it('T10 are those of the tenant that the row names, where the management tenant sends the file', async () => {
    const answers = await register([aRow(2, { ID: 'same', TENANT: 'main', PATH: 'g' }), aRow(3, { ID: 'same', TENANT: 'other', PATH: 'g' })], aTenantId('management'));
    expect(codes(answers)).toEqual(['registered', 'registered']);
    expect([(await find('same'))?.name, (await find('same', 'c8y_Serial', other))?.name]).toEqual(['Press 2', 'Press 3']);
    expect([await store.count(main, {}), await store.count(other, {}), await store.count(aTenantId('management'), {})]).toEqual([2, 2, 0]);
  });

  it('are written together, a batch at a time', async () => {
    await register(Array.from({ length: 1_001 }, (_, i) => aRow(i + 2)));
    expect([writes, await store.count(main, {})]).toEqual([['addAll', 'addAll', 'addAll'], 1_001]);
  });
});
