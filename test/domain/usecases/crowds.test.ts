import { describe, expect, it } from '@jest/globals';
import { anInstance, ca, granted, leaf } from '../../support/an-instance.ts';
import { aDevice, aDeviceId, aFingerprint, after, aTenantId, SECOND } from '../../support/certificate-builders.ts';

const LASTS = { notAfter: after(86_400 * SECOND) };
const ROOT = ca('Root', 'Root', LASTS);
const OTHER_ROOT = ca('Other Root', 'Other Root', { fingerprint: aFingerprint('b'), ...LASTS });
const OTHER = aTenantId('other');
const HOUR = 3_600 * SECOND;

type Instance = Awaited<ReturnType<typeof anInstance>>;
const come = (instance: Instance, names: readonly string[], root = 'Root') => Promise.all(names.map(async (name) => (await instance.connect([leaf(name, root, LASTS)])).verdict));
const names = (count: number, of = 'd') => Array.from({ length: count }, (_, i) => `${of}-${i}`);
const codes = (verdicts: readonly { granted: boolean; refusal?: { code: string } }[]) => {
  const counts: Record<string, number> = {};
  for (const { granted: isIn, refusal } of verdicts) counts[isIn ? 'in' : refusal!.code] = (counts[isIn ? 'in' : refusal!.code] ?? 0) + 1;
  return counts;
};

describe('A CA whose key is in other hands', () => {
  it('A04 brings as many new devices an hour as its tenant lets it, and not one more; then an alarm is raised, once', async () => {
    const instance = await anInstance();
    await instance.trusting(ROOT);
    await instance.tenants.setOption(aTenantId(), 'fleetgate', 'new-devices.per-hour', '100');
    const verdicts = await come(instance, names(400));
    expect(codes(verdicts)).toEqual({ in: 100, 'registration.over-quota': 300 });
    expect(await instance.devices.count(aTenantId())).toBe(100);
    expect(instance.sessions.count()).toBe(100);
    const refused = verdicts.find((verdict) => !verdict.granted);
    expect(refused).toMatchObject({ refusal: { evidence: { of: `CA ${ROOT.fingerprint}`, most: 100, seconds: expect.any(Number) } } });
    expect(instance.events.filter(({ what }) => what === 'registration.quota-full')).toEqual([{ what: 'registration.quota-full', tenant: 'main', by: 'fleetgate', subject: ROOT.fingerprint }]);
  });

  it('A04 keeps out neither devices that are known, nor those of another CA, nor those of the next hour', async () => {
    const instance = await anInstance();
    await instance.trusting(ROOT);
    await instance.trusting(OTHER_ROOT);
    await instance.tenants.setOption(aTenantId(), 'fleetgate', 'new-devices.per-hour', '1');
    await instance.devices.register(aDevice({ id: aDeviceId('bulk'), registeredBy: 'bulk' }));
    expect(codes(await come(instance, ['one', 'two']))).toEqual({ in: 1, 'registration.over-quota': 1 });
    expect(codes(await come(instance, ['one', 'bulk']))).toEqual({ in: 2 });
    expect(codes(await come(instance, ['three'], 'Other Root'))).toEqual({ in: 1 });
    instance.clock.set(after(HOUR));
    expect(codes(await come(instance, ['two', 'four']))).toEqual({ in: 1, 'registration.over-quota': 1 });
  });

  it('A04 brings no more by several CAs than the operator allows the tenant, whose neighbour does not notice', async () => {
    const instance = await anInstance({ caps: { newDevicesPerTenant: 3 } });
    await instance.trusting(ROOT);
    await instance.trusting(OTHER_ROOT, { tenant: OTHER });
    const verdicts = await come(instance, names(5));
    expect(codes(verdicts)).toEqual({ in: 3, 'registration.over-quota': 2 });
    expect(verdicts.find((verdict) => !verdict.granted)).toMatchObject({ refusal: { evidence: { of: 'the tenant', most: 3 } } });
    expect(codes(await come(instance, names(3), 'Other Root'))).toEqual({ in: 3 });
  });

  it('A04 T14 uses up nothing by what only asks for a verdict', async () => {
    const instance = await anInstance({ caps: { newDevicesPerTenant: 1, connectsPerTenant: 1 } });
    await instance.trusting(ROOT);
    for (const name of names(20)) expect(granted(await instance.examine([leaf(name, 'Root', LASTS)])).device).toBe(name);
    expect(codes(await come(instance, ['one']))).toEqual({ in: 1 });
  });
});

describe('A tenant that ends', () => {
  it('T15 while a thousand of its devices connect has no session left, and no device of it is anybody’s but its own', async () => {
    const instance = await anInstance();
    await instance.trusting(ROOT);
    await instance.trusting(OTHER_ROOT, { tenant: OTHER });
    expect(codes(await come(instance, names(100, 'early')))).toEqual({ in: 100 });
    const coming = come(instance, names(1_000));
    const neighbour = come(instance, names(50, 'n'), 'Other Root');
    for (let i = 0; i < 100; i += 1) await undefined; // some are in by now, some on their way, most in the line
    granted(await instance.tenantDesk.setStatus('main', 'suspended', 'management/op'));
    const there = await instance.devices.count(aTenantId());
    const counted = codes(await coming);
    expect(counted['tenant.suspended']).toBeGreaterThan(0);
    expect(Object.keys(counted).filter((code) => code !== 'in' && code !== 'tenant.suspended')).toEqual([]);
    expect(instance.sessions.countOf(aTenantId())).toBe(0);
    expect((await instance.devices.count(aTenantId())) - there).toBeLessThanOrEqual(64); // those that stood in the middle of step 8
    expect(codes(await neighbour)).toEqual({ in: 50 });
    expect([instance.sessions.countOf(OTHER), await instance.devices.count(OTHER)]).toEqual([50, 50]);
    expect(codes(await come(instance, ['d-0']))).toEqual({ 'tenant.suspended': 1 });
  });
});

describe('A tenant that makes noise', () => {
  it('D-71 has as many sessions as the operator allows; a device that is there may always come again', async () => {
    const instance = await anInstance({ caps: { sessionsPerTenant: 2 } });
    await instance.trusting(ROOT);
    await instance.trusting(OTHER_ROOT, { tenant: OTHER });
    expect(codes(await come(instance, names(5)))).toEqual({ in: 2, 'tenant.too-many-sessions': 3 });
    expect(instance.sessions.countOf(aTenantId())).toBe(2);
    expect(await instance.devices.count(aTenantId())).toBe(5); // all five asked side by side, before there were two sessions
    expect(codes(await come(instance, ['late']))).toEqual({ 'tenant.too-many-sessions': 1 });
    expect(await instance.devices.find(aTenantId(), aDeviceId('late'))).toBeUndefined();
    const there = instance.sessions.openOf(aTenantId())[0]!.device;
    expect(codes(await come(instance, [there]))).toEqual({ in: 1 });
    expect(codes(await come(instance, names(2), 'Other Root'))).toEqual({ in: 2 });
    instance.sessions.close(instance.sessions.openOf(aTenantId())[0]!.id);
    expect(codes(await come(instance, ['late']))).toEqual({ in: 1 });
  });

  it('T14 connects as often as the operator allows, and again after a while; its neighbour does not notice', async () => {
    const instance = await anInstance({ caps: { connectsPerTenant: 10 } });
    await instance.trusting(ROOT);
    await instance.trusting(OTHER_ROOT, { tenant: OTHER });
    const noisy = come(instance, names(1_000));
    expect(codes(await come(instance, names(100), 'Other Root'))).toEqual({ in: 100 });
    expect(codes(await noisy)).toEqual({ in: 100, 'tenant.too-many-connects': 900 });
    instance.clock.set(after(SECOND));
    expect(codes(await come(instance, names(20)))).toEqual({ in: 10, 'tenant.too-many-connects': 10 });
  });

  it('T14 waits for itself where its registrations take long; its neighbour does not wait', async () => {
    const instance = await anInstance({ caps: { judgementsPerTenant: 2 } });
    await instance.trusting(ROOT);
    await instance.trusting(OTHER_ROOT, { tenant: OTHER });
    const slow = Promise.withResolvers<void>();
    const register = instance.devices.register.bind(instance.devices);
    let stuck = 0;
    instance.devices.register = async (device, ...rest) => {
      if (device.tenant === 'main') await ((stuck += 1), slow.promise);
      return register(device, ...rest);
    };
    const noisy = come(instance, names(1_200));
    expect(codes(await come(instance, names(50), 'Other Root'))).toEqual({ in: 50 });
    expect(stuck).toBe(2);
    slow.resolve();
    expect(codes(await noisy)).toEqual({ in: 2 + 1_024, 'registration.gate-busy': 1_200 - 1_026 });
  });

  it('T14 waits in a line of its own at the door: one that comes from elsewhere has its turn among the first', async () => {
    const instance = await anInstance();
    await instance.trusting(ROOT);
    const order: string[] = [];
    const from = (address: string, name: string) => instance.connect([leaf(name, 'Root', LASTS)], { from: address }).then(() => order.push(address));
    await Promise.all([...names(500).map((name) => from('192.0.2.1', name)), from('198.51.100.9', 'quiet')]);
    expect(order.indexOf('198.51.100.9')).toBeLessThan(30);
  });

  it('T14 comes ten times as often as it may, and a device of its neighbour waits for as many others as one address has turns, at the 99th percentile', async () => {
    const instance = await anInstance({ caps: { connectsPerTenant: 20 } });
    await instance.trusting(ROOT);
    await instance.trusting(OTHER_ROOT, { tenant: OTHER });
    let judged = 0;
    const waits = async (quiet: Promise<unknown>) => {
      const before = judged;
      await quiet;
      return judged - before;
    };
    const noisy: Promise<unknown>[] = [];
    const waited: Promise<number>[] = [];
    for (let i = 0; i < 100; i += 1) {
      for (let j = 0; j < 20; j += 1) noisy.push(instance.connect([leaf(`n-${i}-${j}`, 'Root', LASTS)], { from: '192.0.2.1' }).then(() => (judged += 1)));
      waited.push(waits(instance.connect([leaf(`q-${i}`, 'Other Root', LASTS)], { from: '198.51.100.9' })));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const inOrder = (await Promise.all(waited)).sort((a, b) => a - b);
    await Promise.all(noisy);
    expect(inOrder[98]).toBeLessThanOrEqual(24); // what goes on beside it: three turns of eight
    expect(judged).toBe(2_000);
    expect(instance.sessions.countOf(OTHER)).toBe(100);
  });

  it('M14 D-71 asks for as many tokens a minute as a device may, over however many connections', async () => {
    const instance = await anInstance({ caps: { tokensPerDevice: 3 } });
    await instance.trusting(ROOT);
    const ask = async (name: string) => {
      const { session } = granted((await instance.connect([leaf(name, 'Root', LASTS)])).verdict);
      const decision = await instance.tokens.issue(session);
      return decision.granted ? 'token' : decision.refusal.code;
    };
    const answers: string[] = [];
    for (let i = 0; i < 5; i += 1) answers.push(await ask('press-7'));
    expect(answers).toEqual(['token', 'token', 'token', 'token.too-often', 'token.too-often']);
    expect(await ask('press-8')).toBe('token');
    instance.clock.set(after(20 * SECOND));
    expect([await ask('press-7'), await ask('press-7')]).toEqual(['token', 'token.too-often']);
  });
});
