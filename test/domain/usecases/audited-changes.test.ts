/** What the audit says of each change, and that it says no secret. */
import { describe, expect, it } from '@jest/globals';
import { granted, anInstance, ca, leaf } from '../../support/an-instance.ts';
import { after, aTenantId, DAY, NOW } from '../../support/certificate-builders.ts';

const MAIN = aTenantId();
const BY = 'main/admin';
const ROOT = ca('Root');
type Instance = Awaited<ReturnType<typeof anInstance>>;

const rowsOf = async ({ trail }: Instance, tenant = 'main') =>
  (await trail.list(tenant, { after: 0 }, 99)).map(({ what, by, subject, before: was, after: is }) => [what, by, subject, was && JSON.parse(was), is && JSON.parse(is)]);
const lastOf = async (instance: Instance, tenant = 'main') => (await rowsOf(instance, tenant)).at(-1);

const upload = (name: string) => ({ certificate: ROOT.der, name, status: 'enabled' as const, autoRegistration: true });
async function trusting() {
  const instance = await anInstance();
  instance.known(ROOT);
  granted(await instance.trust.add(MAIN, upload('Plant 7'), BY));
  return instance;
}

describe('The audit says who did what, and what was before and after', () => {
  it('of trust', async () => {
    const instance = await trusting();
    const { fingerprint, thumbprint } = ROOT;
    const whole = { name: 'Plant 7', status: 'enabled', autoRegistration: true, inert: false, possessionProven: false };
    const certificate = { subject: 'CN=Root', thumbprint, notAfter: ROOT.notAfter.toISOString() };
    granted(await instance.trust.change(MAIN, fingerprint, { status: 'disabled', name: 'Plant 8' }, BY));
    granted(await instance.possession.confirm(MAIN, fingerprint, 'management/op'));
    granted(await instance.possession.renewCode(MAIN, fingerprint, BY));
    granted(await instance.trust.remove(MAIN, fingerprint, BY));
    const then = { ...whole, status: 'disabled', name: 'Plant 8', possessionProven: true };
    expect(await rowsOf(instance)).toEqual([
      ['anchor.added', BY, fingerprint, '', { ...whole, ...certificate }],
      ['anchor.changed', BY, fingerprint, { name: 'Plant 7', status: 'enabled' }, { name: 'Plant 8', status: 'disabled' }],
      ['possession.confirmed', 'management/op', fingerprint, { possessionProven: false }, { possessionProven: true }],
      ['possession.code-issued', BY, fingerprint, '', { usableUntil: expect.any(String) }],
      ['anchor.removed', BY, fingerprint, { ...then, ...certificate }, ''],
    ]);
  });

  it('R09 of trust that two change at once: what one found is what the other left', async () => {
    const instance = await trusting();
    const names = ['a', 'b', 'c', 'd'];
    await Promise.all(names.map((name) => instance.trust.change(MAIN, ROOT.fingerprint, { name }, BY)));
    const changes = (await rowsOf(instance)).slice(1).map(([, , , was, is]) => [(was as { name: string }).name, (is as { name: string }).name]);
    expect(changes.map(([was]) => was)).toEqual(['Plant 7', ...changes.slice(0, -1).map(([, is]) => is)]);
  });

  it('of devices that register themselves, are blocked and removed', async () => {
    const instance = await trusting();
    granted((await instance.connect([leaf('press-7', 'Root')], { from: '10.0.0.9' })).verdict);
    granted((await instance.connect([leaf('press-7', 'Root')])).verdict);
    granted(await instance.deviceDesk.block(MAIN, 'press-7', 'stolen', BY));
    granted(await instance.deviceDesk.unblock(MAIN, 'press-7', BY));
    granted(await instance.deviceDesk.remove(MAIN, 'press-7', BY));
    const registered = { registeredBy: 'auto', registeredAt: NOW.toISOString() };
    const block = { reason: 'stolen', by: BY, at: NOW.toISOString() };
    expect((await rowsOf(instance)).slice(1)).toEqual([
      ['device.registered', 'device_press-7', 'press-7', '', { ...registered, from: '10.0.0.9' }],
      ['device.blocked', BY, 'press-7', { block: null }, { block }],
      ['device.unblocked', BY, 'press-7', { block }, { block: null }],
      ['device.removed', BY, 'press-7', registered, ''],
    ]);
  });

  it('of tenants and their first administrator', async () => {
    const instance = await anInstance();
    granted(await instance.tenantDesk.create({ id: 'acme', administrator: { name: 'ada', password: 'correct horse 1' } }, 'management/op'));
    granted(await instance.tenantDesk.setStatus('acme', 'suspended', 'management/op'));
    expect(await rowsOf(instance, 'acme')).toEqual([
      ['tenant.created', 'management/op', 'acme.localhost', '', { domain: 'acme.localhost', status: 'active' }],
      ['user.added', 'management/op', 'ada', '', expect.objectContaining({ enabled: true })],
      ['tenant.status-set', 'management/op', 'acme', { status: 'active' }, { status: 'suspended' }],
    ]);
  });

  it('of options, and never the value of a secret one', async () => {
    const instance = await anInstance();
    const option = { category: 'c', key: 'k', value: '1' };
    const secret = { category: 'c', key: 'credentials.k', value: 'hunter2' };
    granted(await instance.tenantDesk.setOptions(MAIN, [option, secret], BY));
    granted(await instance.tenantDesk.setOption(MAIN, { ...option, value: '2' }, BY, () => true));
    granted(await instance.tenantDesk.setOption(MAIN, { ...secret, value: 'hunter3' }, BY));
    granted(await instance.tenantDesk.removeOption(MAIN, secret, BY));
    const masked = { value: '<<Encrypted>>' };
    expect(await rowsOf(instance)).toEqual([
      ['tenant.option-set', BY, 'c/k', '', { value: '1' }],
      ['tenant.option-set', BY, 'c/credentials.k', '', masked],
      ['tenant.option-set', BY, 'c/k', { value: '1' }, { value: '2' }],
      ['tenant.option-set', BY, 'c/credentials.k', masked, masked],
      ['tenant.option-removed', BY, 'c/credentials.k', masked, ''],
    ]);
    expect(JSON.stringify(await instance.trail.list('main', {}, 99))).not.toContain('hunter');
  });

  it('R09 of options that two set at once: what one found is what the other left', async () => {
    const instance = await anInstance();
    await Promise.all(['1', '2', '3'].map((value) => instance.tenantDesk.setOptions(MAIN, [{ category: 'c', key: 'k', value }], BY)));
    const changes = (await rowsOf(instance)).map(([, , , was, is]) => [(was as { value?: string }).value, (is as { value: string }).value]);
    expect(changes.map(([was]) => was)).toEqual([undefined, ...changes.slice(0, -1).map(([, is]) => is)]);
  });

  it('of users, and of a password that it was changed and nothing else', async () => {
    const instance = await anInstance();
    const first = 'correct horse 1';
    granted(await instance.users.add('main', { name: 'ada', password: first, roles: ['ROLE_TENANT_ADMIN'] }, BY));
    granted(await instance.users.add('main', { name: 'bob', password: first, roles: [] }, BY));
    granted(await instance.users.change('main', 'bob', { roles: ['ROLE_TENANT_ADMIN'], email: 'b@example.com' }, BY));
    granted(await instance.users.change('main', 'bob', { password: 'correct horse 2' }, BY));
    granted(await instance.users.changePassword(MAIN, 'bob', { present: 'correct horse 2', next: 'correct horse 3' }));
    granted(await instance.users.remove('main', 'bob', BY));
    expect((await rowsOf(instance)).slice(2)).toEqual([
      ['user.changed', BY, 'bob', { roles: [], email: '' }, { roles: ['ROLE_TENANT_ADMIN'], email: 'b@example.com' }],
      ['user.changed', BY, 'bob', {}, { password: 'changed' }],
      ['user.changed', 'main/bob', 'bob', {}, { password: 'changed' }],
      ['user.removed', BY, 'bob', expect.objectContaining({ email: 'b@example.com' }), ''],
    ]);
    expect(JSON.stringify(await instance.trail.list('main', {}, 99))).not.toMatch(/horse|hash of/);
  });

  it('of tokens that are withdrawn, once', async () => {
    const instance = await trusting();
    await instance.tenants.setOption(MAIN, 'fleetgate', 'device-tokens', 'on');
    const { verdict } = await instance.connect([leaf('press-7', 'Root', { notAfter: after(DAY) })]);
    const jwt = granted(await instance.tokens.issue(granted(verdict).session));
    for (let i = 0; i < 2; i += 1) await instance.tokens.withdraw(jwt, { tenant: MAIN, by: BY });
    const { jti, exp } = JSON.parse(jwt) as { jti: string; exp: number };
    expect(await lastOf(instance)).toEqual(['token.withdrawn', BY, 'device_press-7', { jti, expires: new Date(exp * 1000).toISOString() }, '']);
    expect((await rowsOf(instance)).filter(([what]) => what === 'token.withdrawn')).toHaveLength(1);
  });

  it('and nothing of what was refused', async () => {
    const instance = await trusting();
    const before = (await rowsOf(instance)).length;
    await instance.trust.add(MAIN, upload('again'), BY);
    await instance.trust.change(MAIN, ROOT.fingerprint, { name: 'x' }, BY, () => false);
    await instance.tenantDesk.setOption(MAIN, { category: 'c', key: 'k', value: 'v' }, BY, () => false);
    await instance.deviceDesk.block(MAIN, 'stranger', 'stolen', BY);
    await instance.deviceDesk.remove(MAIN, 'stranger', BY);
    await instance.connect([leaf('press-7', 'Stranger')]);
    expect(await rowsOf(instance)).toHaveLength(before);
  });
});
