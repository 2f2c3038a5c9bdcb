import { describe, expect, it } from '@jest/globals';
import type { TokenClaims } from '../../../src/domain/tokens/token-claims.ts';
import { aDevice, aDeviceId, aRevocation, aTenantId, after, DAY, SECOND } from '../../support/certificate-builders.ts';
import { anInstance, ca, granted, leaf } from '../../support/an-instance.ts';

const MAIN = aTenantId();
const long = { notAfter: after(365 * DAY) };
const ROOT = ca('Root', 'Root', long);
const DEVICE = leaf('press-7', 'Root', long);
const read = (jwt: string) => JSON.parse(jwt) as TokenClaims;

async function aConnectedDevice() {
  const instance = await anInstance();
  await instance.trusting(ROOT);
  const { verdict } = await instance.connect([DEVICE]);
  instance.events.length = 0;
  return { instance, session: granted(verdict).session };
}

type Connected = Awaited<ReturnType<typeof aConnectedDevice>>;

/** Every way to withdraw trust from a device that is connected, and the reason that it hears. */
const WITHDRAWN: readonly [what: string, code: string, withdraw: (connected: Connected) => Promise<unknown>][] = [
  ['anchor disabled', 'token.trust-withdrawn', ({ instance }) => instance.anchors.change(MAIN, ROOT.fingerprint, { status: 'disabled' })],
  ['anchor removed', 'token.trust-withdrawn', ({ instance }) => instance.anchors.remove(MAIN, ROOT.fingerprint)],
  ['anchor expired', 'token.trust-withdrawn', async ({ instance }) => instance.clock.set(after(365 * DAY + SECOND))],
  ['device removed', 'token.device-removed', ({ instance }) => instance.devices.remove(MAIN, aDeviceId())],
  ['T13 tenant suspended', 'token.tenant-suspended', ({ instance }) => instance.tenants.setStatus(MAIN, 'suspended')],
];

describe('A device that was let in without a session gets a token', () => {
  it('the same that its session gets, and none after its trust was withdrawn', async () => {
    const { instance, session } = await aConnectedDevice();
    const device = granted(await instance.admit([DEVICE]));
    const jwt = granted(await instance.tokens.issue(session));
    expect(granted(await instance.tokens.issueTo(device))).toBe(jwt);
    instance.sessions.endAll();
    expect(granted(await instance.tokens.issueTo(device))).toBe(jwt);
    await instance.anchors.change(MAIN, ROOT.fingerprint, { status: 'disabled' });
    expect(await instance.tokens.issueTo(device)).toMatchObject({ refusal: { code: 'token.trust-withdrawn' } });
  });
});

describe('A token that comes with a certificate', () => {
  it('is recognised beside the one it was issued for, or beside none, and beside no other (RFC 8705 §3)', async () => {
    const { instance, session } = await aConnectedDevice();
    const jwt = granted(await instance.tokens.issue(session));
    for (const shown of [undefined, session.leaf]) expect((await instance.tokens.recognise(jwt, shown)).granted).toBe(true);
    expect(await instance.tokens.recognise(jwt, ROOT.thumbprint)).toEqual({ granted: false, refusal: { code: 'token.other-certificate' } });
  });
});

describe('A device that is connected gets a token', () => {
  it('that says who it is, by whom it was let in, and until when', async () => {
    const { instance, session } = await aConnectedDevice();
    const claims = read(granted(await instance.tokens.issue(session)));
    expect(claims).toMatchObject({ iss: 'main.example.com', sub: 'device_press-7', ten: 'main', anchors: [ROOT.fingerprint] });
    expect(claims.exp - claims.iat).toBe(3600);
    expect(claims.jti).not.toBe(claims.xsrfToken);
    expect(instance.events).toEqual([{ what: 'token.issued', tenant: 'main', device: 'press-7' }]);
  });

  it('by the options of its tenant', async () => {
    const { instance, session } = await aConnectedDevice();
    await instance.tenants.setOption(MAIN, 'oauth.internal', 'device-token.lifespan.seconds', '300');
    await instance.tenants.setOption(MAIN, 'oauth.internal', 'device-token.issuer', 'url');
    const claims = read(granted(await instance.tokens.issue(session)));
    expect(claims).toMatchObject({ iss: 'https://main.example.com', aud: 'https://main.example.com' });
    expect(claims.exp - claims.iat).toBe(300);
  });

  it('the same one until half of its lifetime has passed, then a fresh one', async () => {
    const { instance, session } = await aConnectedDevice();
    const first = granted(await instance.tokens.issue(session));
    instance.clock.advance(1799 * SECOND);
    expect(granted(await instance.tokens.issue(session))).toBe(first);
    instance.clock.advance(SECOND);
    expect(granted(await instance.tokens.issue(session))).not.toBe(first);
    expect(instance.signer.signed).toBe(2);
  });

  it('a fresh one at once after the signing key was changed', async () => {
    const { instance, session } = await aConnectedDevice();
    const first = granted(await instance.tokens.issue(session));
    instance.signer.keyId = () => 'k2';
    expect(granted(await instance.tokens.issue(session))).not.toBe(first);
  });

  it.each([
    ...WITHDRAWN,
    ['switched off', 'token.switched-off', ({ instance }: Connected) => instance.tenants.setOption(MAIN, 'oauth.internal', 'device-token.enabled', 'false')],
    ['session ended', 'token.trust-withdrawn', async ({ instance }: Connected) => instance.sessions.endAll()],
  ] as const)('but none when trust is gone: %s', async (_what, code, withdraw) => {
    const connected = await aConnectedDevice();
    granted(await connected.instance.tokens.issue(connected.session));
    await withdraw(connected);
    expect(await connected.instance.tokens.issue(connected.session)).toEqual({ granted: false, refusal: { code } });
    expect(connected.instance.events.at(-1)).toEqual({ what: 'token.refused', tenant: 'main', device: 'press-7', reason: code });
  });

  it('J14 and none that was signed while trust was being withdrawn', async () => {
    const { instance, session } = await aConnectedDevice();
    instance.signer.beforeSign = async () => {
      await instance.anchors.change(MAIN, ROOT.fingerprint, { status: 'disabled' });
    };
    expect(await instance.tokens.issue(session)).toEqual({ granted: false, refusal: { code: 'token.trust-withdrawn' } });
  });

  it('one though somebody else’s trust never stands still', async () => {
    const { instance, session } = await aConnectedDevice();
    instance.signer.beforeSign = () => instance.feed.note({ tenant: aTenantId('other'), kind: 'anchor', subject: ROOT.fingerprint });
    expect(await instance.tokens.issue(session)).toMatchObject({ granted: true });
    expect(instance.signer.signed).toBe(1);
  });

  it('none when trust never stands still', async () => {
    const { instance, session } = await aConnectedDevice();
    let moves = 0;
    instance.epoch.current = async () => ++moves;
    expect(await instance.tokens.issue(session)).toEqual({ granted: false, refusal: { code: 'token.trust-withdrawn' } });
    expect(moves).toBe(6);
  });
});

describe('A token that is shown is recognised by the live state', () => {
  it('as its device', async () => {
    const { instance, session } = await aConnectedDevice();
    const jwt = granted(await instance.tokens.issue(session));
    expect(await instance.tokens.recognise(jwt)).toEqual({ granted: true, value: { kind: 'device', tenant: 'main', name: 'device_press-7', device: 'press-7' } });
  });

  it.each(WITHDRAWN.filter(([what]) => what !== 'anchor expired'))('J06 or refused at once: %s', async (_what, code, withdraw) => {
    const connected = await aConnectedDevice();
    const jwt = granted(await connected.instance.tokens.issue(connected.session));
    await withdraw(connected);
    expect(await connected.instance.tokens.recognise(jwt)).toMatchObject({ granted: false, refusal: { code } });
  });

  it('T05 is nobody’s in a tenant that has a device of the same id', async () => {
    const { instance, session } = await aConnectedDevice();
    const other = aTenantId('other');
    await instance.devices.register(aDevice({ tenant: other }));
    await instance.trusting(ROOT, { tenant: other });
    const claims = read(granted(await instance.tokens.issue(session)));
    const moved = JSON.stringify({ ...claims, ten: 'other' });
    expect(await instance.tokens.recognise(moved)).toMatchObject({ refusal: { code: 'token.wrong-issuer' } });
  });

  it.each([
    ['a tenant that is none', { ten: '../main' }, 'token.wrong-issuer'],
    ['a tenant that is unknown', { ten: 'nobody' }, 'token.wrong-issuer'],
    ['anchors that are no fingerprints', { anchors: ['x'] }, 'token.trust-withdrawn'],
  ])('%s is refused', async (_what, change, code) => {
    const { instance, session } = await aConnectedDevice();
    const claims = read(granted(await instance.tokens.issue(session)));
    expect(await instance.tokens.recognise(JSON.stringify({ ...claims, ...change }))).toMatchObject({ refusal: { code } });
  });

  it('J07 is refused when it has ended, and when its form is wrong', async () => {
    const { instance, session } = await aConnectedDevice();
    const jwt = granted(await instance.tokens.issue(session));
    instance.clock.advance(3600 * SECOND);
    expect(await instance.tokens.recognise(jwt)).toMatchObject({ refusal: { code: 'token.expired' } });
    expect(await instance.tokens.recognise('x')).toMatchObject({ refusal: { code: 'token.malformed' } });
  });
});

describe('A token of a certificate that is revoked', () => {
  const revoke = ({ instance }: Connected, source: 'manual' | 'hold' = 'manual', tenant = MAIN) =>
    instance.revocations.add([aRevocation({ tenant, source, serialNumber: '', fingerprint: DEVICE.fingerprint })]);
  const revoked = { code: 'token.certificate-revoked', depth: 0, evidence: { serialNumber: 'by:Root', since: '2026-11-24T12:00:00.000Z', reason: 'unspecified' } };

  it('J06 is dead at once, and there is no other', async () => {
    const connected = await aConnectedDevice();
    const { instance, session } = connected;
    const jwt = granted(await instance.tokens.issue(session));
    const device = granted(await instance.admit([DEVICE]));
    await revoke(connected);
    expect(await instance.tokens.recognise(jwt)).toEqual({ granted: false, refusal: revoked });
    expect(await instance.tokens.inspect(jwt, MAIN)).toBeUndefined();
    expect(await instance.tokens.issueTo(device)).toEqual({ granted: false, refusal: revoked });
    expect(await instance.tokens.issue(session)).toEqual({ granted: false, refusal: revoked });
    expect(await instance.admit([DEVICE])).toMatchObject({ refusal: { code: 'revocation.revoked', depth: 0 } });
  });

  it('T12 lives on where it was another tenant’s revocation', async () => {
    const connected = await aConnectedDevice();
    const jwt = granted(await connected.instance.tokens.issue(connected.session));
    await revoke(connected, 'manual', aTenantId('other'));
    expect((await connected.instance.tokens.recognise(jwt)).granted).toBe(true);
  });

  it('counts again when its hold is released', async () => {
    const connected = await aConnectedDevice();
    const { instance, session } = connected;
    const jwt = granted(await instance.tokens.issue(session));
    await revoke(connected, 'hold');
    expect((await instance.tokens.recognise(jwt)).granted).toBe(false);
    await instance.revocations.release(MAIN, 'hold', { serialNumber: '', issuer: '', fingerprint: DEVICE.fingerprint });
    expect((await instance.tokens.recognise(jwt)).granted).toBe(true);
  });
});

describe('A blocked device', () => {
  const block = async ({ instance }: Connected) => granted(await instance.deviceDesk.block(MAIN, 'press-7', 'stolen', 'main/admin'));
  const blocked = { code: 'token.device-blocked', evidence: { reason: 'stolen' } };

  it('J06 loses its session and its tokens at once, with the reason, and gets no other', async () => {
    const connected = await aConnectedDevice();
    const { instance, session } = connected;
    const jwt = granted(await instance.tokens.issue(session));
    const device = granted(await instance.admit([DEVICE]));
    await block(connected);
    expect(instance.sessions.isOpen(session.id)).toBe(false);
    expect(await instance.tokens.recognise(jwt)).toEqual({ granted: false, refusal: blocked });
    expect(await instance.tokens.issueTo(device)).toEqual({ granted: false, refusal: blocked });
    expect(await instance.tokens.issue(session)).toEqual({ granted: false, refusal: { code: 'token.trust-withdrawn' } });
  });

  it('is refused at the door with that reason, until it is let in again', async () => {
    const connected = await aConnectedDevice();
    await block(connected);
    const refused = { granted: false, refusal: { code: 'registration.device-blocked', evidence: { reason: 'stolen' } } };
    expect((await connected.instance.connect([DEVICE])).verdict).toEqual(refused);
    expect(await connected.instance.admit([DEVICE])).toEqual(refused);
    granted(await connected.instance.deviceDesk.unblock(MAIN, 'press-7', 'main/admin'));
    expect((await connected.instance.connect([DEVICE])).verdict.granted).toBe(true);
  });

  it('J14 gets no token that was signed while it was being blocked', async () => {
    const connected = await aConnectedDevice();
    const { instance } = connected;
    const device = granted(await instance.admit([DEVICE]));
    instance.signer.beforeSign = async () => void (await block(connected));
    expect(await instance.tokens.issueTo(device)).toEqual({ granted: false, refusal: blocked });
  });

  it('J14 gets no session if it was blocked while it was being judged', async () => {
    const connected = await aConnectedDevice();
    const { instance } = connected;
    const find = instance.devices.find.bind(instance.devices);
    let once = true;
    instance.devices.find = async (tenant, id) => {
      const before = await find(tenant, id);
      // First, because whoever blocks looks for the device too.
      const isFirst = once;
      once = false;
      if (isFirst) await block(connected);
      return before;
    };
    const { verdict, ended } = await instance.connect([DEVICE]);
    expect(verdict).toMatchObject({ refusal: { code: 'registration.device-blocked' } });
    expect([instance.sessions.count(), ended]).toEqual([0, []]);
  });

  it('is the one of that tenant only', async () => {
    const connected = await aConnectedDevice();
    const jwt = granted(await connected.instance.tokens.issue(connected.session));
    await connected.instance.devices.register(aDevice({ tenant: aTenantId('other') }));
    granted(await connected.instance.deviceDesk.block(aTenantId('other'), 'press-7', 'stolen', 'other/admin'));
    expect((await connected.instance.tokens.recognise(jwt)).granted).toBe(true);
  });
});

describe('A device that was removed and registered itself anew', () => {
  it('A05 J06 does not bring its former tokens back to life, and has one of its own', async () => {
    const { instance, session } = await aConnectedDevice();
    const former = granted(await instance.tokens.issue(session));
    granted(await instance.deviceDesk.remove(MAIN, 'press-7', 'main/admin'));
    instance.clock.advance(1);
    const { verdict } = await instance.connect([DEVICE]);
    expect(granted(verdict).registered).toBe(true);
    expect(await instance.tokens.recognise(former)).toMatchObject({ refusal: { code: 'token.device-removed' } });
    const own = granted(await instance.tokens.issue(granted(verdict).session));
    expect([own === former, (await instance.tokens.recognise(own)).granted]).toEqual([false, true]);
  });

  it('keeps its token while only its details are changed by a bulk file', async () => {
    const { instance, session } = await aConnectedDevice();
    const jwt = granted(await instance.tokens.issue(session));
    await instance.devices.registerAll([aDevice({ registeredBy: 'bulk', registeredAt: after(DAY), details: { NAME: 'Press' } })]);
    expect((await instance.tokens.recognise(jwt)).granted).toBe(true);
  });
});

describe('The token that a device is given again (D-12)', () => {
  it('is a fresh one after trust was changed, even if the change was taken back', async () => {
    const { instance, session } = await aConnectedDevice();
    const first = granted(await instance.tokens.issue(session));
    for (const status of ['disabled', 'enabled'] as const) await instance.anchors.change(MAIN, ROOT.fingerprint, { status });
    const second = granted(await instance.tokens.issue(session));
    expect(second).not.toBe(first);
    expect(granted(await instance.tokens.issue(session))).toBe(second);
  });

  it('is a fresh one after it was withdrawn, and the withdrawn one is never given again', async () => {
    const { instance, session } = await aConnectedDevice();
    const first = granted(await instance.tokens.issue(session));
    expect(await instance.tokens.withdraw(first, { tenant: MAIN, by: 'main/device_press-7' })).toBe('withdrawn');
    const second = granted(await instance.tokens.issue(session));
    expect([second === first, read(second).jti === read(first).jti]).toEqual([false, false]);
    expect(granted(await instance.tokens.issue(session))).toBe(second);
    expect((await instance.tokens.recognise(second)).granted).toBe(true);
  });
});

describe('A token that was withdrawn', () => {
  const by = 'main/device_press-7';
  const withdrawnOne = async () => {
    const { instance, session } = await aConnectedDevice();
    const jwt = granted(await instance.tokens.issue(session));
    instance.events.length = 0;
    return { instance, session, jwt, withdraw: (tenant = MAIN, token = jwt) => instance.tokens.withdraw(token, { tenant, by }) };
  };

  it('J06 is refused from then on, and it is written down once by whom', async () => {
    const { instance, jwt, withdraw } = await withdrawnOne();
    expect([await withdraw(), await withdraw()]).toEqual(['withdrawn', 'withdrawn']);
    expect(await instance.tokens.recognise(jwt)).toEqual({ granted: false, refusal: { code: 'token.withdrawn' } });
    expect(instance.events).toEqual([{ what: 'token.withdrawn', tenant: 'main', by, subject: 'device_press-7' }]);
  });

  it('stays withdrawn until its end, though the clock be set back within the hour after', async () => {
    const { instance, session, jwt, withdraw } = await withdrawnOne();
    await withdraw();
    instance.clock.advance(3600 * SECOND + 3599 * SECOND);
    const other = granted(await instance.tokens.issue(session));
    await instance.tokens.withdraw(other, { tenant: MAIN, by });
    instance.clock.advance(-3600 * SECOND - 3610 * SECOND);
    expect(await instance.tokens.recognise(jwt)).toMatchObject({ refusal: { code: 'token.not-yet-valid' } });
    instance.clock.advance(11 * SECOND);
    expect(await instance.tokens.recognise(jwt)).toMatchObject({ refusal: { code: 'token.withdrawn' } });
  });

  it('may be dead already, and stays so when its trust comes back', async () => {
    const { instance, jwt, withdraw } = await withdrawnOne();
    await instance.anchors.change(MAIN, ROOT.fingerprint, { status: 'disabled' });
    expect(await withdraw()).toBe('withdrawn');
    await instance.anchors.change(MAIN, ROOT.fingerprint, { status: 'enabled' });
    expect(await instance.tokens.recognise(jwt)).toMatchObject({ refusal: { code: 'token.withdrawn' } });
  });

  it('T08 is left alone if another tenant asks, and obeys the management tenant', async () => {
    const { instance, jwt, withdraw } = await withdrawnOne();
    expect(await withdraw(aTenantId('other'))).toBe('nothing-to-withdraw');
    expect((await instance.tokens.recognise(jwt)).granted).toBe(true);
    expect(await withdraw(aTenantId('management'))).toBe('withdrawn');
    expect((await instance.tokens.recognise(jwt)).granted).toBe(false);
  });

  it('is not kept if it has ended, or is none', async () => {
    const { instance, jwt, withdraw } = await withdrawnOne();
    instance.clock.advance(3600 * SECOND);
    expect([await withdraw(), await withdraw(MAIN, 'x')]).toEqual(['nothing-to-withdraw', 'nothing-to-withdraw']);
    expect([await instance.withdrawn.count(), instance.events]).toEqual([0, []]);
    instance.clock.advance(-SECOND);
    expect([await withdraw(MAIN, jwt), await instance.withdrawn.count()]).toEqual(['withdrawn', 1]);
  });
});

describe('A token that is inspected', () => {
  it('tells its claims to its tenant and to the management tenant', async () => {
    const { instance, session } = await aConnectedDevice();
    const jwt = granted(await instance.tokens.issue(session));
    for (const asker of ['main', 'management']) expect(await instance.tokens.inspect(jwt, aTenantId(asker))).toEqual(read(jwt));
  });

  it.each(WITHDRAWN.filter(([what]) => what !== 'anchor expired'))('J06 tells nothing once it is dead: %s', async (_what, _code, withdraw) => {
    const connected = await aConnectedDevice();
    const jwt = granted(await connected.instance.tokens.issue(connected.session));
    await withdraw(connected);
    expect(await connected.instance.tokens.inspect(jwt, MAIN)).toBeUndefined();
  });

  it.each([
    ['expired', async ({ instance }: Connected) => instance.clock.advance(3600 * SECOND)],
    ['withdrawn', async ({ instance }: Connected, jwt: string) => instance.tokens.withdraw(jwt, { tenant: MAIN, by: 'main/admin' })],
    ['of a blocked device', async ({ instance }: Connected) => instance.devices.setBlock(MAIN, aDeviceId(), { reason: 'x', by: 'y', at: instance.clock.now() })],
  ])('tells nothing if it is %s', async (_what, spoil) => {
    const connected = await aConnectedDevice();
    const jwt = granted(await connected.instance.tokens.issue(connected.session));
    await spoil(connected, jwt);
    expect(await connected.instance.tokens.inspect(jwt, MAIN)).toBeUndefined();
  });

  it('T08 tells another tenant nothing, and no store is asked: the time tells nothing either', async () => {
    const { instance, session } = await aConnectedDevice();
    const jwt = granted(await instance.tokens.issue(session));
    const asked = (): never => {
      throw new Error('a store was asked');
    };
    for (const store of [instance.tenants, instance.devices, instance.anchors, instance.withdrawn]) Object.assign(store, { find: asked, has: asked });
    expect(await instance.tokens.inspect(jwt, aTenantId('other'))).toBeUndefined();
    await expect(instance.tokens.inspect(jwt, MAIN)).rejects.toThrow('a store was asked');
  });
});
