import { describe, expect, it } from '@jest/globals';
import { ROLES } from '../../../src/domain/access/administrator.ts';
import { MANAGEMENT } from '../../../src/domain/trust/tenant.ts';
import { aTenantId, after, DAY } from '../../support/certificate-builders.ts';
import { anInstance, ca, granted, leaf } from '../../support/an-instance.ts';

const ADMIN = { name: 'admin', password: 'correct horse' };

describe('The management tenant runs the instance', () => {
  it('creates a tenant together with its first administrator', async () => {
    const instance = await anInstance();
    expect(granted(await instance.tenantDesk.create({ id: 'plant-1', domain: 'Plant-1.example.com', administrator: ADMIN }, 'root'))).toMatchObject({ id: 'plant-1', domain: 'plant-1.example.com', domainConfigured: true, status: 'active' });
    expect(granted(await instance.access.byPassword('plant-1/admin', ADMIN.password, { host: 'nowhere', from: '192.0.2.1' }))).toEqual({ kind: 'administrator', tenant: 'plant-1', name: 'admin', roles: ROLES });
    expect(instance.events).toEqual([{ what: 'tenant.created', tenant: 'plant-1', by: 'root', subject: 'plant-1.example.com' }]);
  });

  it('gives a tenant without a domain one that never decides by server name', async () => {
    const instance = await anInstance();
    expect(granted(await instance.tenantDesk.create({ id: 'plant_1' }, 'root'))).toMatchObject({ domain: 'plant-1.localhost', domainConfigured: false });
  });

  it.each([
    ['T16 an id that is none', { id: 'Plant 1' }, 'tenant.malformed-id'],
    ['a domain that is none', { id: 'p', domain: 'https://p' }, 'tenant.malformed-domain'],
    ['an id that is taken', { id: 'main' }, 'tenant.already-exists'],
    ['a domain that is taken', { id: 'p', domain: 'MAIN.example.com' }, 'tenant.domain-taken'],
    ['X26 an administrator named like a device', { id: 'p', administrator: { ...ADMIN, name: 'device_x' } }, 'access.unusable-name'],
    ['an administrator whose name would split a login', { id: 'p', administrator: { ...ADMIN, name: 'a/b' } }, 'access.unusable-name'],
    ['an administrator without a name', { id: 'p', administrator: { ...ADMIN, name: '' } }, 'access.unusable-name'],
    ['a password of 7 characters', { id: 'p', administrator: { ...ADMIN, password: '1234567' } }, 'access.unusable-password'],
    ['an administrator whose name turns the direction of writing', { id: 'p', administrator: { ...ADMIN, name: 'a\u202eb' } }, 'access.unusable-name'],
    ['a password with a tab, which no login can carry', { id: 'p', administrator: { ...ADMIN, password: 'long\tenough' } }, 'access.unusable-password'],
    ['a password with a NUL', { id: 'p', administrator: { ...ADMIN, password: 'long\0enough' } }, 'access.unusable-password'],
    ['a password of 1,025 characters', { id: 'p', administrator: { ...ADMIN, password: 'x'.repeat(1025) } }, 'access.unusable-password'],
  ])('refuses %s', async (_why, wish, code) => {
    const instance = await anInstance();
    expect(await instance.tenantDesk.create(wish, 'root')).toMatchObject({ granted: false, refusal: { code } });
    expect((await instance.tenantDesk.list()).map(({ id }) => id)).toEqual(['main', 'other']);
  });

  it('T13 suspends a tenant: its sessions end, those of others stay', async () => {
    const instance = await anInstance();
    await instance.trusting(ca('Root'));
    await instance.trusting(ca('Else'), { tenant: aTenantId('other') });
    const mine = await instance.connect([leaf('a', 'Root')]);
    const theirs = await instance.connect([leaf('a', 'Else')]);
    expect(granted(await instance.tenantDesk.setStatus('main', 'suspended', 'root')).status).toBe('suspended');
    expect([mine.ended, theirs.ended]).toEqual([['tenant-suspended'], []]);
    expect((await instance.connect([leaf('a', 'Root')])).verdict).toMatchObject({ refusal: { code: 'tenant.suspended' } });
    await instance.tenantDesk.setStatus('main', 'active', 'root');
    expect((await instance.connect([leaf('a', 'Root')])).verdict.granted).toBe(true);
  });

  it.each([
    ['an unknown tenant', 'nobody', 'tenant.unknown'],
    ['T16 an id that is none', '%', 'tenant.unknown'],
    ['the management tenant', MANAGEMENT, 'tenant.management-stays'],
  ])('does not suspend %s', async (_who, id, code) => {
    const instance = await anInstance();
    expect(await instance.tenantDesk.setStatus(id, 'suspended', 'root')).toMatchObject({ refusal: { code } });
  });

  it('finds tenants by id and by domain, in any case', async () => {
    const { tenantDesk } = await anInstance();
    expect(granted(await tenantDesk.find('main')).id).toBe('main');
    expect(await tenantDesk.find('nobody')).toMatchObject({ refusal: { code: 'tenant.unknown', evidence: { id: 'nobody' } } });
    expect((await tenantDesk.findByDomain('MAIN.example.com'))?.id).toBe('main');
    expect(await tenantDesk.findByDomain('not a domain')).toBeUndefined();
  });
});

describe('Options of a tenant', () => {
  const option = { category: 'oauth.internal', key: 'device-token.lifespan.seconds' };
  it('have a default where Fleetgate reads them, and none elsewhere', async () => {
    const { tenantDesk } = await anInstance();
    expect(await tenantDesk.option(aTenantId(), option.category, option.key)).toBe('3600');
    expect(await tenantDesk.option(aTenantId(), 'my', 'own')).toBeUndefined();
  });
  it('are kept for one tenant', async () => {
    const { tenantDesk } = await anInstance();
    granted(await tenantDesk.setOption(aTenantId(), { ...option, value: '600' }, 'admin'));
    granted(await tenantDesk.setOption(aTenantId(), { category: 'my', key: 'own', value: 'anything' }, 'admin'));
    expect(await tenantDesk.option(aTenantId(), option.category, option.key)).toBe('600');
    expect(await tenantDesk.option(aTenantId(), 'my', 'own')).toBe('anything');
    expect(await tenantDesk.option(aTenantId('other'), option.category, option.key)).toBe('3600');
  });
  it.each([
    ['a lifespan below the minimum', { ...option, value: '299' }],
    ['a switch that is neither true nor false', { category: 'oauth.internal', key: 'device-token.enabled', value: 'yes' }],
    ['no key', { category: 'a', key: '', value: 'x' }],
    ['no category', { category: '', key: 'a', value: 'x' }],
    ['a value of 4,097 characters', { category: 'a', key: 'b', value: 'x'.repeat(4097) }],
    ['a name of 257 characters', { category: 'a', key: 'b'.repeat(255), value: 'x' }],
  ])('%s is refused', async (_why, wish) => {
    const { tenantDesk } = await anInstance();
    expect(await tenantDesk.setOption(aTenantId(), wish, 'admin')).toMatchObject({ refusal: { code: 'tenant.unusable-option' } });
    expect(await tenantDesk.option(aTenantId(), option.category, option.key)).toBe('3600');
  });
});

describe('Who speaks at the HTTP API', () => {
  async function withAdministrators() {
    const instance = await anInstance();
    for (const tenant of ['main', 'other']) {
      await instance.administrators.put({ tenant: aTenantId(tenant), name: 'admin', passwordHash: `hash of ${tenant}`, roles: ROLES });
    }
    return instance;
  }

  it('is found by tenant, user and password', async () => {
    const { access } = await withAdministrators();
    expect(granted(await access.byPassword('other/admin', 'other', { host: 'main.example.com', from: '192.0.2.1' }))).toMatchObject({ tenant: 'other', name: 'admin' });
  });
  it('is found by the host where no tenant is named', async () => {
    const { access } = await withAdministrators();
    expect(granted(await access.byPassword('admin', 'other', { host: 'Other.example.com', from: '192.0.2.1' }))).toMatchObject({ tenant: 'other' });
  });
  it.each([
    ['a wrong password', 'main/admin', 'other', ''],
    ['an unknown user', 'main/nobody', 'main', ''],
    ['an unknown tenant', 'nobody/admin', 'main', ''],
    ['a tenant that is none', '%/admin', 'main', ''],
    ['a host of no tenant', 'admin', 'main', 'example.com'],
    ['a password beyond its limit', 'main/admin', 'x'.repeat(1025), ''],
  ])('%s is refused with the same words, after the same work', async (_why, login, password, host) => {
    const instance = await withAdministrators();
    let verified = 0;
    const verify = instance.hasher.verify;
    instance.hasher.verify = async (...args) => { verified += 1; return verify(...args); };
    expect(await instance.access.byPassword(login, password, { host, from: '192.0.2.1' })).toEqual({ granted: false, refusal: { code: 'access.bad-credentials' } });
    expect(verified).toBe(1);
    instance.hasher.verify = verify;
  });
  it('T13 is nobody in a suspended tenant', async () => {
    const instance = await withAdministrators();
    await instance.tenants.setStatus(aTenantId(), 'suspended');
    expect(await instance.access.byPassword('main/admin', 'main', { host: '', from: '192.0.2.1' })).toMatchObject({ granted: false });
  });
  it('is a device, by its token', async () => {
    const instance = await withAdministrators();
    const long = { notAfter: after(DAY) };
    await instance.trusting(ca('Root', 'Root', long));
    const { session } = granted((await instance.connect([leaf('press-7', 'Root', long)])).verdict);
    const jwt = granted(await instance.tokens.issue(session));
    expect(granted(await instance.access.byToken(jwt))).toEqual({ kind: 'device', tenant: 'main', name: 'device_press-7', device: 'press-7' });
  });
});
