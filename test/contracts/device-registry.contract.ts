import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { NewDeviceQuota } from '../../src/domain/overload/new-device-quota.ts';
import type { Device } from '../../src/domain/registration/device.ts';
import type { AdmissionEpoch } from '../../src/ports/driven/admission-epoch.ts';
import type { DeviceRegistry } from '../../src/ports/driven/device-registry.ts';
import { aDevice, aDeviceId, aFingerprint, after, aTenantId, DAY } from '../support/certificate-builders.ts';
import type { Opened } from './opened.ts';

export interface DeviceRegistryUnderTest {
  readonly registry: DeviceRegistry;
  readonly epoch: AdmissionEpoch;
}

/** What every DeviceRegistry promises. `open` hands over a registry that is empty. */
export function deviceRegistryContract(name: string, open: () => Promise<Opened<DeviceRegistryUnderTest>>): void {
  describe(`${name} keeps the promises of a DeviceRegistry`, () => {
    const main = aTenantId();
    let opened: Opened<DeviceRegistryUnderTest>;
    let registry: DeviceRegistry;

    beforeEach(async () => {
      opened = await open();
      registry = opened.subject.registry;
    });
    afterEach(() => opened.close());

    const find = (id: string, tenant = 'main'): Promise<Device | undefined> => registry.find(aTenantId(tenant), aDeviceId(id));
    const idsOf = async (tenant = 'main'): Promise<readonly string[]> =>
      (await registry.listOf(aTenantId(tenant), undefined, 5_000)).map(({ id }) => id);

    it.each<[string, Partial<Device>]>([
      ['automatic', {}],
      ['by bulk', { registeredBy: 'bulk', registeredAt: after(DAY + 1) }],
      ['with details', { details: { TYPE: 'press', 'NAME "x"': `a;'\n=é\u{1F600}`, __proto: '1' } }],
      ['blocked', { block: { reason: `it's "gone"; é\u{1F600}`, by: 'main/ada', at: after(DAY) } }],
      ['with the longest id', { id: aDeviceId('x'.repeat(254)) }],
    ])('finds a device just as it was registered: %s', async (_kind, overrides) => {
      const device = aDevice(overrides);
      expect(await registry.register(aDevice({ id: aDeviceId('another') }))).toBe('registered');
      expect(await registry.register(device)).toBe('registered');
      expect(await registry.find(device.tenant, device.id)).toEqual(device);
    });

    it('knows nobody it was not told of', async () => {
      await registry.register(aDevice());
      expect(await find('press-8')).toBeUndefined();
      expect(await find('press-7', 'other')).toBeUndefined();
      expect(await idsOf('other')).toEqual([]);
    });

    it('counts the devices of one tenant', async () => {
      for (const id of ['a', 'b', 'c']) await registry.register(aDevice({ id: aDeviceId(id) }));
      await registry.register(aDevice({ tenant: aTenantId('other') }));
      await registry.remove(main, aDeviceId('b'));
      expect([await registry.count(main), await registry.count(aTenantId('other')), await registry.count(aTenantId('none'))]).toEqual([2, 1, 0]);
    });

    it('never overwrites a device', async () => {
      const device = aDevice({ details: { TYPE: 'press' } });
      await registry.register(device);
      expect(await registry.register(aDevice({ registeredBy: 'bulk', registeredAt: after(1), details: {} }))).toBe('already-there');
      expect(await find('press-7')).toEqual(device);
    });

    it('A03 registers a device once when twenty connections race for it', async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => registry.register(aDevice())));
      expect(answers.filter((answer) => answer === 'registered')).toHaveLength(1);
      expect(answers.filter((answer) => answer === 'already-there')).toHaveLength(19);
      expect(await idsOf()).toEqual(['press-7']);
    });

    it('A04 registers not one device more than a quota allows, however many race for the last places', async () => {
      const quotas = [{ of: aFingerprint('a'), hour: 7, most: 30 }, { of: 'tenant', hour: 7, most: 1_000 }] as const;
      const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => registry.register(aDevice({ id: aDeviceId(`press-${i}`) }), [], quotas)));
      expect(answers.filter((answer) => answer === 'registered')).toHaveLength(30);
      expect(answers.filter((answer) => answer !== 'registered')).toEqual(Array(70).fill({ over: quotas[0] }));
      expect(await idsOf()).toHaveLength(30);
      expect(await Promise.all(quotas.map((quota) => registry.newDevices(main, quota)))).toEqual([30, 30]);
    });

    it('A04 counts each CA, each tenant and each hour by itself, and who is there already not at all', async () => {
      const [a, b] = [aFingerprint('a'), aFingerprint('b')].map((of) => ({ of, hour: 7, most: 1 })) as unknown as [NewDeviceQuota, NewDeviceQuota];
      const registers = (id: string, quota: NewDeviceQuota, tenant = 'main') => registry.register(aDevice({ id: aDeviceId(id), tenant: aTenantId(tenant) }), [], [quota]);
      expect(await registers('1', a)).toBe('registered');
      expect(await registers('1', a)).toBe('already-there');
      expect(await registers('2', a)).toEqual({ over: a });
      expect(await registers('2', a, 'other')).toBe('registered');
      expect(await registers('2', b)).toBe('registered');
      expect(await registers('3', b)).toEqual({ over: b });
      expect(await registers('3', { ...b, hour: 8 })).toBe('registered');
      expect(await registers('4', { ...b, hour: 8 })).toEqual({ over: { ...b, hour: 8 } });
      expect([await registry.newDevices(main, { of: b.of, hour: 8 }), await registry.newDevices(main, { of: b.of, hour: 7 }), await registry.newDevices(main, { of: aFingerprint('c'), hour: 8 })]).toEqual([1, 0, 0]);
    });

    it('A04 counts in the hour that has begun who comes from a node whose clock is a little behind', async () => {
      const registers = (id: string, hour: number) => registry.register(aDevice({ id: aDeviceId(id) }), [], [{ of: 'tenant', hour, most: 3 }]);
      expect([await registers('1', 8), await registers('2', 7), await registers('3', 8)]).toEqual(['registered', 'registered', 'registered']);
      expect(await registry.newDevices(main, { of: 'tenant', hour: 8 })).toBe(3);
      for (const hour of [7, 8, 7, 8]) expect(await registers('4', hour)).toEqual({ over: { of: 'tenant', hour, most: 3 } });
      expect(await registers('4', 9)).toBe('registered');
      // A clock that was far ahead and is set right keeps nobody out.
      expect([await registers('5', 2), await registry.newDevices(main, { of: 'tenant', hour: 2 })]).toEqual(['registered', 1]);
    });

    it('A04 counts under no quota where one of several is full', async () => {
      const full = { of: aFingerprint('a'), hour: 7, most: 1 } as const;
      const tenant = { of: 'tenant', hour: 7, most: 1_000 } as const;
      await registry.register(aDevice({ id: aDeviceId('1') }), [], [full, tenant]);
      expect(await registry.register(aDevice({ id: aDeviceId('2') }), [], [tenant, full])).toEqual({ over: full });
      expect(await registry.newDevices(main, tenant)).toBe(1);
    });

    it('makes fifty devices of a thousand registrations of fifty ids at once', async () => {
      const answers = await Promise.all(
        Array.from({ length: 1_000 }, (_, i) => registry.register(aDevice({ id: aDeviceId(`press-${i % 50}`) }))),
      );
      expect(answers.filter((answer) => answer === 'registered')).toHaveLength(50);
      expect(await idsOf()).toHaveLength(50);
    });

    it('T16 compares ids exactly: case, accents, % and _ are letters, and no form is folded', async () => {
      const ids = ['A', 'a', 'é', 'e', 'a%', 'a_', '%', '_', 'ab', 'Ａ', "'", '"', '\\', 'ß', 'SS', '漢', '\u{1F600}', ' a', 'null', '1', '1.0', '01'];
      for (const [i, id] of ids.entries()) {
        expect(await registry.register(aDevice({ id: aDeviceId(id), details: { n: String(i) } }))).toBe('registered');
      }
      for (const [i, id] of ids.entries()) expect((await find(id))?.details).toEqual({ n: String(i) });
      expect([...(await idsOf())].sort()).toEqual([...ids].sort());
      expect(await registry.remove(main, aDeviceId('%'))).toBe(true);
      expect(await registry.remove(main, aDeviceId('a_'))).toBe(true);
      expect(await idsOf()).toHaveLength(ids.length - 2);
      expect(await find('é')).toBeDefined();
    });

    it('keeps two tenants’ devices of one id apart', async () => {
      for (const tenant of ['main', 'other', 'm_in'])
        expect(await registry.register(aDevice({ tenant: aTenantId(tenant), details: { of: tenant } }))).toBe('registered');
      expect((await find('press-7', 'm_in'))?.details).toEqual({ of: 'm_in' });
      expect(await registry.registerAll([aDevice({ details: { of: 'main again' } })])).toEqual(['updated']);
      expect(await registry.remove(aTenantId('m_in'), aDeviceId())).toBe(true);
      expect(await find('press-7', 'm_in')).toBeUndefined();
      expect((await find('press-7'))?.details).toEqual({ of: 'main again' });
      expect((await find('press-7', 'other'))?.details).toEqual({ of: 'other' });
    });

    it('registers many: new ones whole, known ones by their details only, answers in order', async () => {
      const known = aDevice({ id: aDeviceId('m'), details: { TYPE: 'old', NAME: 'gone' } });
      await registry.register(known);
      const rows = ['z', 'm', 'a'].map((id) => aDevice({ id: aDeviceId(id), registeredBy: 'bulk', registeredAt: after(DAY), details: { TYPE: id } }));
      expect(await registry.registerAll(rows)).toEqual(['registered', 'updated', 'registered']);
      expect(await find('z')).toEqual(rows[0]);
      expect(await find('m')).toEqual({ ...known, details: { TYPE: 'm' } });
      expect(await find('a')).toEqual(rows[2]);
      expect(await registry.registerAll(rows)).toEqual(['updated', 'updated', 'updated']);
      expect(await registry.registerAll([])).toEqual([]);
    });

    it('registers a thousand rows at once, of several tenants', async () => {
      const rows = Array.from({ length: 1_000 }, (_, i) =>
        aDevice({ tenant: aTenantId(i % 2 ? 'odd' : 'even'), id: aDeviceId(`press-${String(i).padStart(4, '0')}`), details: { n: String(i) } }),
      );
      await registry.register(rows[998]!);
      const answers = await registry.registerAll(rows);
      expect(answers.flatMap((answer, i) => (answer === 'updated' ? [i] : []))).toEqual([998]);
      expect(answers).toHaveLength(1_000);
      expect(await idsOf('odd')).toHaveLength(500);
      expect(await find('press-0998', 'even')).toEqual(rows[998]);
    });

    it('C07 makes one device of a registration and a bulk row that meet', async () => {
      const bulk = aDevice({ registeredBy: 'bulk', details: { TYPE: 'press' } });
      const [auto, [byBulk]] = await Promise.all([registry.register(aDevice()), registry.registerAll([bulk])]);
      expect([auto, byBulk]).toEqual(auto === 'registered' ? ['registered', 'updated'] : ['already-there', 'registered']);
      expect(await idsOf()).toEqual(['press-7']);
      expect((await find('press-7'))?.details).toEqual({ TYPE: 'press' });
    });

    it('lists by id from where the last page ended, at most so many', async () => {
      for (const id of ['b', 'B', 'd', 'a', 'c']) await registry.register(aDevice({ id: aDeviceId(id) }));
      await registry.register(aDevice({ id: aDeviceId('aa'), tenant: aTenantId('other') }));
      const page = async (last: string | undefined, limit: number): Promise<readonly string[]> =>
        (await registry.listOf(main, last === undefined ? undefined : aDeviceId(last), limit)).map(({ id }) => id);
      expect(await page(undefined, 2)).toEqual(['B', 'a']);
      expect(await page('a', 2)).toEqual(['b', 'c']);
      expect(await page('c', 2)).toEqual(['d']);
      expect(await page('bb', 9)).toEqual(['c', 'd']);
      expect(await page('d', 2)).toEqual([]);
    });

    it('A05 forgets a removed device, which may then register anew', async () => {
      await registry.register(aDevice({ details: { TYPE: 'press' } }));
      expect(await registry.remove(main, aDeviceId())).toBe(true);
      expect(await registry.remove(main, aDeviceId())).toBe(false);
      expect(await find('press-7')).toBeUndefined();
      expect(await registry.register(aDevice())).toBe('registered');
      expect((await find('press-7'))?.details).toEqual({});
    });

    describe('a blocked device', () => {
      const block = { reason: 'stolen', by: 'main/admin', at: after(DAY) };
      beforeEach(async () => {
        await registry.register(aDevice({ details: { TYPE: 'press' } }));
      });

      it('has its block, and nothing else of it changes; lifting the block brings it back as it was', async () => {
        const free = await find('press-7');
        expect(await registry.setBlock(main, aDeviceId(), block)).toEqual({ ...free, block });
        expect(await find('press-7')).toEqual({ ...free, block });
        expect(await registry.listOf(main, undefined, 9)).toEqual([{ ...free, block }]);
        const again = { ...block, reason: 'found, and broken' };
        expect(await registry.setBlock(main, aDeviceId(), again)).toEqual({ ...free, block: again });
        expect(await registry.setBlock(main, aDeviceId(), undefined)).toEqual(free);
        expect(await find('press-7')).toEqual(free);
      });

      it('is the one of that tenant and id; one that is not there is not made', async () => {
        await registry.register(aDevice({ tenant: aTenantId('other') }));
        await registry.register(aDevice({ id: aDeviceId('press-8') }));
        await registry.setBlock(main, aDeviceId(), block);
        expect([await find('press-7', 'other'), await find('press-8')].map((device) => device?.block)).toEqual([undefined, undefined]);
        expect(await registry.setBlock(main, aDeviceId('press-9'), block)).toBeUndefined();
        expect(await idsOf()).toEqual(['press-7', 'press-8']);
      });

      it('A05 stays blocked whoever registers it again, and is not removed', async () => {
        await registry.setBlock(main, aDeviceId(), block);
        expect(await registry.register(aDevice())).toBe('already-there');
        expect(await registry.registerAll([aDevice({ registeredBy: 'bulk', details: { TYPE: 'new' } })])).toEqual(['updated']);
        expect(await registry.remove(main, aDeviceId())).toBe(false);
        expect(await find('press-7')).toMatchObject({ block, details: { TYPE: 'new' } });
        await registry.setBlock(main, aDeviceId(), undefined);
        expect(await registry.remove(main, aDeviceId())).toBe(true);
      });

      it('moves the epoch when it is blocked and when it is not any more, and not where there is none', async () => {
        const before = await opened.subject.epoch.current();
        await registry.setBlock(main, aDeviceId('unknown'), block);
        expect(await opened.subject.epoch.current()).toBe(before);
        await registry.setBlock(main, aDeviceId(), block);
        expect(await opened.subject.epoch.current()).toBe(before + 1);
        await registry.remove(main, aDeviceId());
        expect(await opened.subject.epoch.current()).toBe(before + 1);
        await registry.setBlock(main, aDeviceId(), undefined);
        expect(await opened.subject.epoch.current()).toBe(before + 2);
      });
    });

    it('moves the epoch with a removal, and with nothing else', async () => {
      const before = await opened.subject.epoch.current();
      await registry.register(aDevice());
      await registry.registerAll([aDevice({ id: aDeviceId('b') }), aDevice()]);
      await registry.remove(main, aDeviceId('unknown'));
      expect(await opened.subject.epoch.current()).toBe(before);
      await registry.remove(main, aDeviceId());
      expect(await opened.subject.epoch.current()).toBe(before + 1);
    });
  });
}
