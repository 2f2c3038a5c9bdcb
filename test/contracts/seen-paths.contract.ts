import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Thumbprint } from '../../src/domain/certificates/certificate.ts';
import type { NameKey } from '../../src/domain/certificates/distinguished-name.ts';
import type { SeenLink, SeenPath, SeenPaths } from '../../src/ports/driven/seen-paths.ts';
import { aDeviceId, aFingerprint, after, aTenantId, DAY, NOW } from '../support/certificate-builders.ts';
import type { Opened } from './opened.ts';

/** What every SeenPaths promises. `open` hands over one that is empty. */
export function seenPathsContract(name: string, open: () => Promise<Opened<SeenPaths>>): void {
  describe(`${name} keeps the promises of a SeenPaths`, () => {
    const main = aTenantId();
    let opened: Opened<SeenPaths>;
    let paths: SeenPaths;
    beforeEach(async () => {
      opened = await open();
      paths = opened.subject;
    });
    afterEach(() => opened.close());

    const between = { fingerprint: aFingerprint('issuing'), subject: 'CN=Issuing "é", O=Works', notAfter: after(DAY) };
    const aSight = (overrides: Partial<SeenPath> = {}): SeenPath => ({
      ...{ tenant: main, device: aDeviceId(), thumbprint: 'print' as Thumbprint, notAfter: after(2 * DAY), lastSeen: NOW },
      ways: [{ anchor: aFingerprint('a'), intermediates: [between, between] }, { anchor: aFingerprint('b'), intermediates: [] }],
      ...overrides,
    });
    const idsAfter = async (after?: string, limit = 10, tenant = main): Promise<readonly string[]> =>
      (await paths.listOf(tenant, after === undefined ? undefined : aDeviceId(after), limit)).map(({ device }) => device);

    it.each<[string, Partial<SeenPath>]>([
      ['that it saw once', {}],
      ['that it saw before', { seenBefore: after(-9 * DAY) }],
      ['on no way at all', { ways: [] }],
    ])('hands over what it was told of a device %s, and of that device alone', async (_what, overrides) => {
      await paths.remember(aSight(overrides));
      await paths.remember(aSight({ device: aDeviceId('press-8'), thumbprint: 'another' as Thumbprint }));
      await paths.remember(aSight({ tenant: aTenantId('other'), thumbprint: 'third' as Thumbprint }));
      expect(await paths.of(main, aDeviceId())).toEqual(aSight(overrides));
      expect(await paths.listOf(main, undefined, 1)).toEqual([aSight(overrides)]);
      expect([await paths.of(main, aDeviceId('Press-7')), await paths.of(aTenantId('none'), aDeviceId())]).toEqual([undefined, undefined]);
    });

    it('keeps the last sight of a device, whole', async () => {
      await paths.remember(aSight({ seenBefore: after(-DAY) }));
      const next = aSight({ thumbprint: 'next' as Thumbprint, notAfter: after(3 * DAY), ways: [], lastSeen: after(1), seenBefore: NOW });
      await paths.remember(next);
      await paths.remember(aSight());
      expect(await paths.of(main, aDeviceId())).toEqual(next);
      await paths.remember(aSight({ lastSeen: after(1) }));
      expect(await paths.of(main, aDeviceId())).toEqual(aSight({ lastSeen: after(1) }));
    });

    const link = (n: number): SeenLink => ({ serialNumber: `0${n}`, issuer: n === 1 ? ('CN="é"' as NameKey) : '', fingerprint: aFingerprint(`${n}`), der: Uint8Array.of(n, 0, 255) });

    it('keeps the chain of the last sight, and hands it over where it is asked for', async () => {
      const chain = [link(1), link(2)];
      await paths.remember(aSight({ chain }));
      await paths.remember(aSight({ device: aDeviceId('press-8') }));
      await paths.remember(aSight({ device: aDeviceId('press-9'), tenant: aTenantId('other'), chain: [link(3)] }));
      expect(await paths.withChain(main, aDeviceId())).toEqual(aSight({ chain }));
      expect(await paths.listWithChains(main, undefined, 9)).toEqual([aSight({ chain }), aSight({ device: aDeviceId('press-8') })]);
      expect([(await paths.listWithChains(main, aDeviceId(), 9)).length, (await paths.listWithChains(main, undefined, 1)).length]).toEqual([1, 1]);
      expect([await paths.of(main, aDeviceId()), (await paths.listOf(main, undefined, 1))[0]]).toEqual([aSight(), aSight()]);
      expect([await paths.withChain(main, aDeviceId('press-9')), await paths.withChain(aTenantId('other'), aDeviceId())]).toEqual([undefined, undefined]);
      await paths.remember(aSight({ lastSeen: after(-1), chain: [link(3)] }));
      expect(await paths.withChain(main, aDeviceId())).toEqual(aSight({ chain }));
      await paths.remember(aSight({ lastSeen: after(1) }));
      expect(await paths.withChain(main, aDeviceId())).toEqual(aSight({ lastSeen: after(1) }));
    });

    it('forgets the chain of a device, and of no other', async () => {
      for (const tenant of [main, aTenantId('other')]) for (const id of ['press-7', 'press-8']) await paths.remember(aSight({ tenant, device: aDeviceId(id), chain: [link(1)] }));
      await paths.forget(main, aDeviceId());
      await paths.remember(aSight({ lastSeen: after(-1) }));
      expect([(await paths.withChain(main, aDeviceId()))!.chain, (await paths.withChain(main, aDeviceId('press-8')))!.chain?.length, (await paths.withChain(aTenantId('other'), aDeviceId()))!.chain?.length]).toEqual([undefined, 1, 1]);
    });

    it('lists those of one tenant by id, page by page', async () => {
      for (const id of ['b', 'a', 'C', 'c']) await paths.remember(aSight({ device: aDeviceId(id) }));
      await paths.remember(aSight({ device: aDeviceId('bb'), tenant: aTenantId('other') }));
      expect([await idsAfter(), await idsAfter('a'), await idsAfter('aa', 1), await idsAfter('c')]).toEqual([['C', 'a', 'b', 'c'], ['b', 'c'], ['b'], []]);
      expect(await idsAfter(undefined, 10, aTenantId('other'))).toEqual(['bb']);
    });

    it('lets other work have its turn between two pages', async () => {
      await paths.remember(aSight());
      let turns = 0;
      setImmediate(() => (turns += 1));
      for (let page = 0; page < 3; page += 1) await paths.listOf(main, undefined, 1);
      expect(turns).toBe(1);
      setImmediate(() => (turns += 1));
      for (let page = 0; page < 3; page += 1) await paths.listWithChains(main, undefined, 1);
      expect(turns).toBe(2);
    });

    it('hands over one page a turn, however many are asked for at once', async () => {
      await paths.remember(aSight());
      let turn = 0;
      let isCounting = true;
      const count = (): void => void (isCounting && ((turn += 1), setImmediate(count)));
      setImmediate(count);
      const turns = await Promise.all([1, 2, 3, 4, 5].map(() => paths.listOf(main, undefined, 1).then(() => turn)));
      isCounting = false;
      expect(new Set(turns).size).toBe(5);
    });

    it('forgets a device, and no other', async () => {
      for (const id of ['press-7', 'press-8']) await paths.remember(aSight({ device: aDeviceId(id) }));
      await paths.remember(aSight({ tenant: aTenantId('other') }));
      await paths.forget(main, aDeviceId());
      expect([await idsAfter(), await idsAfter(undefined, 10, aTenantId('other'))]).toEqual([['press-8'], ['press-7']]);
    });
  });
}
