import { beforeEach, describe, expect, it } from '@jest/globals';
import { InMemorySeenCertificates } from '../../../src/adapters/in-memory/in-memory-seen-certificates.ts';
import { InMemorySeenPaths } from '../../../src/adapters/in-memory/in-memory-seen-paths.ts';
import { emptyState } from '../../../src/adapters/in-memory/in-memory-state.ts';
import type { Thumbprint } from '../../../src/domain/certificates/certificate.ts';
import type { Way } from '../../../src/domain/impact/way.ts';
import { RememberCertificates } from '../../../src/domain/usecases/remember-certificates.ts';
import type { SeenCertificates } from '../../../src/ports/driven/seen-certificates.ts';
import { aCertificate, aDeviceId, aFingerprint, after, aTenantId, DAY, FixedClock, NOW } from '../../support/certificate-builders.ts';
import { anInstance, ca, leaf } from '../../support/an-instance.ts';

const main = aTenantId();
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const certificate = (n: number) => aCertificate({ thumbprint: `print-${n}` as Thumbprint, serialNumber: `0${n}` });

const by = (...anchors: string[]): Way[] => anchors.map((anchor) => ({ anchor: aFingerprint(anchor), intermediates: [] }));

describe('The certificates of a device', () => {
  let store: InMemorySeenCertificates;
  let paths: InMemorySeenPaths;
  let clock: FixedClock;
  let asked: string[];
  let warned: number;
  let broken: boolean;
  let desk: RememberCertificates;
  const aDesk = (seen: SeenCertificates): RememberCertificates =>
    new RememberCertificates({ seen, paths: countedPaths(), clock, log: { info: () => undefined, warn: () => void (warned += 1), error: () => undefined } });
  const counted = (): SeenCertificates => ({
    remember: async (sight) => {
      asked.push('remember');
      if (broken) throw new Error('disk full');
      await store.remember(sight);
    },
    of: async (...of) => (asked.push('of'), store.of(...of)),
    find: async (...of) => store.find(...of),
    forget: async (...of) => store.forget(...of),
  });
  /** Paths that are written down: looking for them goes with looking for certificates. */
  const countedPaths = (): InMemorySeenPaths =>
    Object.assign(Object.create(paths) as InMemorySeenPaths, {
      of: async (...of: Parameters<InMemorySeenPaths['of']>) => paths.of(...of),
      remember: async (...path: Parameters<InMemorySeenPaths['remember']>) => (asked.push('path'), paths.remember(...path)),
      forget: async (...of: Parameters<InMemorySeenPaths['forget']>) => paths.forget(...of),
    });
  beforeEach(() => {
    store = new InMemorySeenCertificates({ state: emptyState() });
    paths = new InMemorySeenPaths({ state: emptyState() });
    clock = new FixedClock();
    [asked, warned, broken] = [[], 0, false];
    desk = aDesk(counted());
  });
  const saw = async (n = 1, device = 'press-7', ways = by('a')): Promise<void> => {
    desk.saw(main, aDeviceId(device), certificate(n), ways);
    await settled();
  };

  it('are remembered with what the compatible API tells of them', async () => {
    await saw();
    const { notBefore, notAfter, fingerprint, issuer } = certificate(1);
    expect(await desk.seenOf(main, aDeviceId())).toEqual([{ tenant: 'main', device: 'press-7', thumbprint: 'print-1', fingerprint, issuer: issuer.key, serialNumber: '01', notBefore, notAfter, lastSeen: NOW }]);
  });

  it('cost nothing when the device comes again with the same one on the same day', async () => {
    await saw();
    clock.set(after(DAY - 1));
    for (let i = 0; i < 100; i += 1) await saw();
    expect(asked).toEqual(['of', 'remember', 'path']);
    clock.set(after(DAY));
    await saw();
    expect(asked).toEqual(['of', 'remember', 'path', 'of', 'remember', 'path']);
    expect((await store.of(main, aDeviceId()))[0]!.lastSeen).toEqual(after(DAY));
  });

  it('cost one look and no write after a restart', async () => {
    await saw();
    asked.length = 0;
    desk = aDesk(counted());
    clock.set(after(5));
    for (let i = 0; i < 3; i += 1) await saw();
    expect(asked).toEqual(['of']);
  });

  it('are written when the device comes with another one, and with a former one', async () => {
    for (const [i, n] of [1, 2, 1].entries()) {
      clock.set(after(i));
      await saw(n);
    }
    expect((await store.of(main, aDeviceId())).map(({ thumbprint, lastSeen }) => [thumbprint, lastSeen])).toEqual([['print-1', after(2)], ['print-2', after(1)]]);
  });

  it('are those of each device of each tenant', async () => {
    await saw(1);
    await saw(2, 'press-8');
    desk.saw(aTenantId('other'), aDeviceId(), certificate(3), by('a'));
    await settled();
    const prints = async (tenant: string, device: string) => (await desk.seenOf(aTenantId(tenant), aDeviceId(device))).map(({ thumbprint }) => thumbprint);
    expect([await prints('main', 'press-7'), await prints('main', 'press-8'), await prints('other', 'press-7')]).toEqual([['print-1'], ['print-2'], ['print-3']]);
  });

  it('hinder no device when the store is out of order: it is told once, and tried again', async () => {
    broken = true;
    for (let i = 0; i < 3; i += 1) await saw();
    expect([warned, await store.of(main, aDeviceId())]).toEqual([1, []]);
    broken = false;
    await saw();
    expect(await store.of(main, aDeviceId())).toHaveLength(1);
  });

  it('are at most sixty-four on their way at once; the others wait for their next connect', async () => {
    for (let i = 0; i < 100; i += 1) desk.saw(main, aDeviceId(`press-${i}`), certificate(i), by('a'));
    await settled();
    expect(asked.filter((each) => each === 'remember')).toHaveLength(64);
    for (let i = 0; i < 100; i += 1) desk.saw(main, aDeviceId(`press-${i}`), certificate(i), by('a'));
    await settled();
    expect(asked.filter((each) => each === 'remember')).toHaveLength(100);
  });

  const lastWay = async (device = 'press-7') => paths.of(main, aDeviceId(device));

  it('are remembered with all the ways on which the device was let in', async () => {
    await saw(1, 'press-7', by('a', 'b'));
    const { notAfter, thumbprint } = certificate(1);
    expect(await lastWay()).toEqual({ tenant: 'main', device: 'press-7', thumbprint, notAfter, ways: by('a', 'b'), lastSeen: NOW });
  });

  it('cost a write when the same one comes on another way, and none when it comes on that way again', async () => {
    await saw(1, 'press-7', by('a'));
    clock.set(after(5));
    await saw(1, 'press-7', by('a', 'b'));
    clock.set(after(6));
    await saw(1, 'press-7', by('a', 'b'));
    expect(asked.filter((what) => what !== 'of')).toEqual(['remember', 'path', 'path']);
    expect(await lastWay()).toMatchObject({ ways: by('a', 'b'), lastSeen: after(5) });
  });

  it('tell how long a device stayed away, by days', async () => {
    const sights: (Date | undefined)[] = [];
    for (const [at, n] of [[0, 1], [5, 2], [3 * DAY, 2], [3 * DAY + 5, 1], [10 * DAY, 1]] as const) {
      clock.set(after(at));
      await saw(n);
      sights.push((await lastWay())!.seenBefore);
    }
    expect(sights).toEqual([undefined, undefined, after(5), after(5), after(3 * DAY + 5)]);
  });

  it('are read where they were written before ways were', async () => {
    const { serialNumber, thumbprint, fingerprint, issuer, notBefore, notAfter } = certificate(1);
    await store.remember({ tenant: main, device: aDeviceId(), serialNumber, thumbprint, fingerprint, issuer: issuer.key, notBefore, notAfter, lastSeen: NOW });
    clock.set(after(5));
    await saw();
    expect([asked, (await lastWay())!.lastSeen]).toEqual([['of', 'path'], after(5)]);
    clock.set(after(DAY));
    await saw();
    expect((await store.of(main, aDeviceId()))[0]!.lastSeen).toEqual(after(DAY));
  });

  it('A05 are forgotten with the device, and remembered anew when it comes again', async () => {
    await saw();
    await desk.forget(main, aDeviceId());
    expect([await desk.seenOf(main, aDeviceId()), await lastWay()]).toEqual([[], undefined]);
    await saw();
    expect(await desk.seenOf(main, aDeviceId())).toHaveLength(1);
  });
});

describe('The gate', () => {
  it('remembers the certificate of a device that it let in, by connection or by request, and of no other', async () => {
    const instance = await anInstance();
    await instance.trusting(ca('Root'), { autoRegistration: true });
    const good = leaf('press-7', 'Root');
    expect((await instance.connect([good])).verdict).not.toMatchObject({ value: { leaf: expect.anything() } });
    expect((await instance.admit([leaf('press-8', 'Root')])).granted).toBe(true);
    expect((await instance.connect([leaf('press-9', 'Nobody')])).verdict.granted).toBe(false);
    await settled();
    const prints = async (device: string) => (await instance.certificates.seenOf(main, aDeviceId(device))).map(({ thumbprint }) => thumbprint);
    expect([await prints('press-7'), (await prints('press-8')).length, await prints('press-9')]).toEqual([[good.thumbprint], 1, []]);
  });

  it('remembers every way into the tenant that let the device in, and none into another', async () => {
    const instance = await anInstance({ sharing: true });
    const [root, issuing, strange] = [ca('Root'), ca('Issuing', 'Root'), ca('Issuing', 'Strange')];
    for (const certificate of [root, issuing]) await instance.trusting(certificate);
    await instance.trusting(ca('Strange'), { status: 'disabled' });
    await instance.trusting(root, { tenant: aTenantId('other') });
    const { verdict } = await instance.connect([leaf('press-7', 'Issuing'), issuing, strange], { userName: 'main' });
    expect(verdict).toMatchObject({ value: { session: { tenant: 'main' } } });
    await settled();
    const ways = (await instance.paths.of(main, aDeviceId()))!.ways.map(({ anchor, intermediates }) => [anchor, intermediates.map(({ subject }) => subject)]);
    expect(ways).toHaveLength(2);
    expect(ways).toEqual(expect.arrayContaining([[issuing.fingerprint, []], [root.fingerprint, ['CN=Issuing']]]));
  });
});
