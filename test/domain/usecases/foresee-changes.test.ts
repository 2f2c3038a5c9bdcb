import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Certificate } from '../../../src/domain/certificates/certificate.ts';
import type { Impact, PlannedChange } from '../../../src/domain/impact/impact.ts';
import { aDevice, aDeviceId, aFingerprint, after, aTenantId, DAY, NOW } from '../../support/certificate-builders.ts';
import { anInstance, ca, granted, leaf } from '../../support/an-instance.ts';

const main = aTenantId();
const other = aTenantId('other');
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const LONG = { notAfter: after(400 * DAY) };
const [rootA, rootB] = [ca('A', 'A', LONG), ca('B', 'B', LONG)];
/** One key and name, signed by both. */
const [crossA, crossB] = [ca('Issuing', 'A', LONG), ca('Issuing', 'B', LONG)];

let fleet: Awaited<ReturnType<typeof anInstance>>;
const comes = async (id: string, issuer: string, ...between: Certificate[]): Promise<void> => {
  expect((await fleet.connect([leaf(id, issuer, LONG), ...between])).verdict).toMatchObject({ granted: true });
  await settled();
};
const goes = (id: string): void => {
  for (const session of fleet.sessions.openOf(main)) if (session.device === id) fleet.sessions.close(session.id);
};
const withdrawing = (root: Certificate, tenant = main) => ({ kind: 'trust.disable', tenant, fingerprint: root.fingerprint }) as const;
const foreseen = async (change: PlannedChange): Promise<Impact> => granted(await fleet.impact.foresee(change));

beforeEach(async () => {
  fleet = await anInstance();
  for (const certificate of [rootA, rootB]) await fleet.trusting(certificate);
});

describe('Looking at a CA before it goes', () => {
  it('tells devices that depend on it alone from those with another way in, and from those that do not come by it', async () => {
    await comes('a-1', 'A');
    await comes('a-2', 'A');
    await comes('b-1', 'B');
    await comes('both', 'Issuing', crossA, crossB);
    goes('a-2');
    await fleet.devices.register(aDevice({ id: aDeviceId('never') }));
    const epoch = await fleet.epoch.current();
    expect(await foreseen(withdrawing(rootA))).toEqual({
      ...{ change: 'trust.disable', tenant: 'main', subject: rootA.fingerprint },
      devices: { dependOnItAlone: 2, haveAnotherWay: 1, alreadyOut: 0, notSeenYet: 1 },
      ...{ sessionsOnline: 2, estimatedLiveTokens: 2, lastSeen: { today: 2, last7Days: 0, last30Days: 0, older: 0 }, examples: ['a-1', 'a-2'], warnings: [] },
    });
    expect([await fleet.epoch.current(), fleet.sessions.count(), (await fleet.anchors.find(main, rootA.fingerprint))!.status]).toEqual([epoch, 3, 'enabled']);
  });

  it('counts another way only where it stands at this moment', async () => {
    await comes('both', 'Issuing', crossA, crossB);
    expect((await foreseen(withdrawing(rootA))).devices).toMatchObject({ dependOnItAlone: 0, haveAnotherWay: 1 });
    await fleet.anchors.change(main, rootB.fingerprint, { status: 'disabled' });
    expect((await foreseen(withdrawing(rootA))).devices).toMatchObject({ dependOnItAlone: 1, haveAnotherWay: 0 });
    expect((await foreseen(withdrawing(rootB))).devices).toMatchObject({ dependOnItAlone: 0, haveAnotherWay: 1 });
    await fleet.anchors.remove(main, rootA.fingerprint);
    expect((await foreseen(withdrawing(rootB))).devices).toMatchObject({ dependOnItAlone: 0, haveAnotherWay: 0, alreadyOut: 1 });
  });

  it.each([
    ['the device’s own certificate', { notAfter: after(DAY) }, {}],
    ['what stands between', {}, { notAfter: after(DAY) }],
  ])('counts those as out already whose way has expired: %s', async (_what, own, between) => {
    const issuing = ca('Issuing', 'A', { ...LONG, ...between });
    expect((await fleet.connect([leaf('press-7', 'Issuing', { ...LONG, ...own }), issuing])).verdict.granted).toBe(true);
    await settled();
    fleet.clock.set(after(DAY));
    expect((await foreseen(withdrawing(rootA))).devices).toMatchObject({ dependOnItAlone: 1, alreadyOut: 0 });
    fleet.clock.set(after(DAY + 1));
    expect((await foreseen(withdrawing(rootA))).devices).toMatchObject({ dependOnItAlone: 0, alreadyOut: 1 });
  });

  it('counts another way only while its CA is valid', async () => {
    const short = ca('Short', 'Short', { notAfter: after(DAY) });
    await fleet.trusting(short);
    await comes('both', 'Issuing', crossA, ca('Issuing', 'Short', LONG));
    fleet.clock.set(after(DAY));
    expect((await foreseen(withdrawing(rootA))).devices).toMatchObject({ dependOnItAlone: 0, haveAnotherWay: 1 });
    fleet.clock.set(after(DAY + 1));
    expect((await foreseen(withdrawing(rootA))).devices).toMatchObject({ dependOnItAlone: 1, haveAnotherWay: 0 });
  });

  it('counts a device that is online and was not written down yet', async () => {
    await comes('a-1', 'A');
    await fleet.paths.forget(main, aDeviceId('a-1'));
    expect(await foreseen(withdrawing(rootA))).toMatchObject({ devices: { dependOnItAlone: 1, notSeenYet: 0 }, sessionsOnline: 1, examples: ['a-1'] });
  });

  it('counts sessions that end though their devices have another way', async () => {
    await comes('both', 'Issuing', crossA, crossB);
    expect(await foreseen(withdrawing(rootA))).toMatchObject({ devices: { dependOnItAlone: 0 }, sessionsOnline: 1, estimatedLiveTokens: 0 });
  });

  it('is right about a fleet of more than one page', async () => {
    const ways = (root: Certificate) => [{ anchor: root.fingerprint, intermediates: [] }];
    for (let i = 0; i < 1100; i += 1) {
      const device = aDeviceId(`press-${String(i).padStart(4, '0')}`);
      await fleet.paths.remember({ tenant: main, device, thumbprint: leaf('x', 'A').thumbprint, notAfter: after(DAY), ways: ways(i < 1000 ? rootA : rootB), lastSeen: after(-i * 3_600_000) });
    }
    expect(await foreseen(withdrawing(rootA))).toMatchObject({ devices: { dependOnItAlone: 1000, haveAnotherWay: 0 }, lastSeen: { today: 25, last7Days: 144, last30Days: 552, older: 279 } });
  });

  it('estimates no tokens where the tenant switched them off', async () => {
    await comes('a-1', 'A');
    expect((await foreseen(withdrawing(rootA))).estimatedLiveTokens).toBe(1);
    await fleet.tenants.setOption(main, 'oauth.internal', 'device-token.enabled', 'false');
    expect((await foreseen(withdrawing(rootA))).estimatedLiveTokens).toBe(0);
  });

  it('T09 sees the devices of one tenant, and no CA of another', async () => {
    await comes('a-1', 'A');
    await fleet.paths.remember({ ...(await fleet.paths.of(main, aDeviceId('a-1')))!, tenant: other, device: aDeviceId('spy') });
    expect((await foreseen(withdrawing(rootA))).devices).toMatchObject({ dependOnItAlone: 1, notSeenYet: 0 });
    expect(await fleet.impact.foresee(withdrawing(rootA, other))).toMatchObject({ granted: false, refusal: { code: 'anchor.unknown' } });
  });
});

describe('Looking at a device before it goes', () => {
  const device = (kind: 'device.remove' | 'device.block', id = 'a-1') => ({ kind, tenant: main, device: id }) as const;

  it('tells of its session, its token and when it was seen, and whether it may come back', async () => {
    await comes('a-1', 'A');
    const hit = { devices: { dependOnItAlone: 1, haveAnotherWay: 0, alreadyOut: 0, notSeenYet: 0 }, sessionsOnline: 1, estimatedLiveTokens: 1, examples: ['a-1'] };
    expect(await foreseen(device('device.block'))).toMatchObject({ change: 'device.block', subject: 'a-1', ...hit, warnings: [] });
    expect(await foreseen(device('device.remove'))).toMatchObject({ change: 'device.remove', ...hit, warnings: [expect.stringContaining('Block it')] });
    await fleet.anchors.change(main, rootA.fingerprint, { autoRegistration: false });
    expect((await foreseen(device('device.remove'))).warnings).toEqual([]);
  });

  it('tells of one that was never seen, and of one that is blocked', async () => {
    await fleet.devices.register(aDevice({ id: aDeviceId('a-1') }));
    expect(await foreseen(device('device.block'))).toMatchObject({ devices: { dependOnItAlone: 0, notSeenYet: 1 }, sessionsOnline: 0 });
    await comes('a-1', 'A');
    await fleet.devices.setBlock(main, aDeviceId('a-1'), { reason: 'stolen', by: 'main/ada', at: NOW });
    expect((await foreseen(device('device.block'))).devices).toMatchObject({ dependOnItAlone: 0, alreadyOut: 1 });
    expect(await fleet.impact.foresee(device('device.remove'))).toMatchObject({ refusal: { code: 'registration.block-stays', evidence: { reason: 'stolen' } } });
  });

  it.each(['nobody', 'a/b'])('is refused for one that is not there: %s', async (id) => {
    expect(await fleet.impact.foresee(device('device.block', id))).toMatchObject({ refusal: { code: 'registration.unknown-device', evidence: { id } } });
  });
});

describe('Looking at a tenant before it is suspended', () => {
  const suspending = (tenant = 'main') => ({ kind: 'tenant.suspend', tenant }) as const;

  it('counts every device that can come in', async () => {
    await comes('a-1', 'A');
    await comes('b-1', 'B');
    await fleet.anchors.change(main, rootB.fingerprint, { status: 'disabled' });
    expect(await foreseen(suspending())).toMatchObject({ subject: 'main', devices: { dependOnItAlone: 1, alreadyOut: 1 }, sessionsOnline: 2, examples: ['a-1'] });
    await fleet.tenants.setStatus(main, 'suspended');
    expect((await foreseen(suspending())).devices).toMatchObject({ dependOnItAlone: 0, alreadyOut: 2 });
  });

  it.each([['tenant.management-stays', 'management'], ['tenant.unknown', 'nobody'], ['tenant.unknown', 'NO']])('is refused: %s', async (code, tenant) => {
    expect(await fleet.impact.foresee(suspending(tenant))).toMatchObject({ refusal: { code } });
  });
});

describe('A change that hits many devices', () => {
  const confirmAbove = (value: string, tenant = main) => fleet.tenants.setOption(tenant, 'fleetgate', 'confirm.above', value);
  const agreed = async (confirm?: number, change: PlannedChange = withdrawing(rootA)) => {
    const decision = await fleet.impact.agree(change, confirm);
    return decision.granted || [decision.refusal.code, decision.refusal.evidence];
  };
  beforeEach(async () => {
    for (const id of ['a-1', 'a-2', 'a-3']) await comes(id, 'A');
    await comes('both', 'Issuing', crossA, crossB);
  });

  it('goes on unasked where the tenant did not choose a number, or a larger one', async () => {
    expect(await agreed()).toBe(true);
    await confirmAbove('3');
    expect(await agreed()).toBe(true);
    await confirmAbove('off');
    expect(await agreed()).toBe(true);
  });

  it('wants to be confirmed by the very number of those hit, and says the figures', async () => {
    await confirmAbove('2');
    const figures = { devices: 3, sessionsOnline: 4, estimatedLiveTokens: 3, confirmAbove: 2 };
    expect(await agreed()).toEqual(['change.not-confirmed', figures]);
    for (const confirm of [2, 4]) expect(await agreed(confirm)).toEqual(['change.not-confirmed', { ...figures, confirm }]);
    expect(await agreed(3)).toBe(true);
  });

  it('is measured by the choice of the tenant whose devices it hits', async () => {
    await confirmAbove('0', other);
    expect(await agreed()).toBe(true);
    await confirmAbove('0');
    expect(await agreed(undefined, { kind: 'tenant.suspend', tenant: 'main' })).toEqual(['change.not-confirmed', expect.objectContaining({ devices: 4 })]);
    expect(await agreed(undefined, { kind: 'device.block', tenant: main, device: 'a-1' })).toEqual(['change.not-confirmed', expect.objectContaining({ devices: 1 })]);
  });

  it('is left to the change itself where that will be refused, or keeps nobody out', async () => {
    await confirmAbove('0');
    expect(await agreed(undefined, { kind: 'trust.remove', tenant: main, fingerprint: aFingerprint('nobody') })).toBe(true);
    expect(await agreed(undefined, { kind: 'none', tenant: 'main', subject: 'x' })).toBe(true);
    expect((await foreseen({ kind: 'none', tenant: 'main', subject: 'x' })).devices).toEqual({ dependOnItAlone: 0, haveAnotherWay: 0, alreadyOut: 0, notSeenYet: 0 });
  });
});
