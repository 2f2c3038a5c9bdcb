import { describe, expect, it } from '@jest/globals';
import type { TokenClaims } from '../../../src/domain/tokens/token-claims.ts';
import { aDevice, aDeviceId, aTenantId, after, DAY, SECOND } from '../../support/certificate-builders.ts';
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
