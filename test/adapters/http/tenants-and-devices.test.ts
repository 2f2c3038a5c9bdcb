import { createPublicKey, verify } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aDevice, aDeviceId, aTenantId } from '../../support/certificate-builders.ts';
import { keyBlock } from '../../support/key-armour.ts';
import { aRoot } from '../../support/pki.ts';
import { anApi, basic, INFO, type Api } from './an-api.ts';

let api: Api;
beforeEach(async () => { api = await anApi(); });
afterEach(() => api.close());

describe('Who and where am I', () => {
  it('tells name and domain of the tenant, which every tool asks first', async () => {
    const answer = await api.ask('GET /tenant/currentTenant', { as: 'main/admin' });
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { self: 'http://fleet.example.com/tenant/currentTenant', name: 'main', domainName: 'main.example.com', allowCreateTenants: false, customProperties: {} },
    ]);
  });

  it('answers HEAD too, by which proxies ask whether it lives', async () => {
    const answer = await api.ask('HEAD /tenant/currentTenant', { as: 'main/admin' });
    expect([answer.statusCode, answer.body, Number(answer.headers['content-length'])]).toEqual([200, '', expect.any(Number)]);
    expect((await api.ask('HEAD /tenant/currentTenant')).statusCode).toBe(401);
  });

  it('tells an administrator its name and its roles', async () => {
    const answer = (await api.ask('GET /user/currentUser', { as: 'main/registrar' })).json();
    expect(answer).toEqual({
      self: 'http://fleet.example.com/user/currentUser',
      id: 'registrar',
      userName: 'registrar',
      ...{ displayName: '', firstName: '', lastName: '', email: '' },
      effectiveRoles: [{ id: 'ROLE_DEVICE_CONTROL_ADMIN', name: 'ROLE_DEVICE_CONTROL_ADMIN' }],
      shouldResetPassword: false,
    });
  });
});

describe('Absolute URLs', () => {
  const self = async (headers: Record<string, string>): Promise<string> => (await api.ask('GET /user/currentUser', { as: 'main/admin', headers })).json().self;

  it.each(['fleet.example.com', 'fleet.example.com:4443', '127.0.0.1:8080', '[::1]:8080'])('name the host that was asked: %s', async (host) => {
    expect(await self({ host })).toBe(`http://${host}/user/currentUser`);
  });

  it.each(['a/b', 'x@evil.example', '"><script>', 'a b', 'evil.example:80:80', 'x'.repeat(300)])('name no host that is none: %s', async (host) => {
    expect(await self({ host })).toBe('http://localhost/user/currentUser');
  });

  it('ignore headers that anybody can set', async () => {
    expect(await self({ 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https', forwarded: 'host=evil.example' })).toBe('http://fleet.example.com/user/currentUser');
  });

  it('begin with FLEETGATE_PUBLIC_URL where it is set', async () => {
    const { linksFrom } = await import('../../../src/adapters/http/links.ts');
    const behindProxy = await anApi({ replace: { links: linksFrom('https://iot.example.com/gate') } });
    expect((await behindProxy.ask('GET /user/currentUser', { as: 'main/admin' })).json().self).toBe('https://iot.example.com/gate/user/currentUser');
    await behindProxy.close();
  });
});

describe('Tenant options', () => {
  const LIFESPAN = '/tenant/options/oauth.internal/device-token.lifespan.seconds';

  it('have a default, and change by PUT for one tenant alone', async () => {
    expect((await api.ask(`GET ${LIFESPAN}`, { as: 'main/reader' })).json().value).toBe('3600');
    const put = await api.ask(`PUT ${LIFESPAN}`, { as: 'main/admin', payload: { value: '300', category: 'x' } });
    const expected = { self: `http://fleet.example.com${LIFESPAN}`, category: 'oauth.internal', key: 'device-token.lifespan.seconds', value: '300' };
    expect([put.statusCode, put.json()]).toEqual([200, expected]);
    expect((await api.ask(`GET ${LIFESPAN}`, { as: 'main/reader' })).json()).toEqual(expected);
    expect((await api.ask(`GET ${LIFESPAN}`, { as: 'other/admin' })).json().value).toBe('3600');
    expect(api.events).toEqual([{ what: 'tenant.option-set', tenant: 'main', by: 'main/admin', subject: 'oauth.internal/device-token.lifespan.seconds' }]);
  });

  it('are unknown until they are set', async () => {
    const answer = await api.ask('GET /tenant/options/any/thing', { as: 'main/admin' });
    expect([answer.statusCode, answer.json().error, answer.json().message]).toEqual([404, 'options/Not Found', expect.stringMatching(/^Unable to find option by given key/)]);
  });

  it.each([
    ['a lifetime of 299 seconds', LIFESPAN, { value: '299' }, 422],
    ['a number', LIFESPAN, { value: 300 }, 400],
    ['no value', LIFESPAN, {}, 400],
    ['no object', LIFESPAN, [], 400],
    ['a value of 33 KB', '/tenant/options/a/b', { value: 'x'.repeat(33_000) }, 400],
    ['a key of 257 characters', `/tenant/options/a/${'k'.repeat(257)}`, { value: 'x' }, 400],
  ])('refuse %s', async (_what, path, payload, status) => {
    const answer = await api.ask(`PUT ${path}`, { as: 'main/admin', payload });
    expect([answer.statusCode, answer.json().info]).toEqual([status, INFO]);
    if (status === 422) expect(answer.json()).toMatchObject({ error: 'options/Invalid Data', details: { code: 'tenant.unusable-option' } });
    expect(api.events).toEqual([]);
  });
});

describe('Tenants, for the management tenant', () => {
  const create = (payload: object) => api.ask('POST /tenant/tenants', { as: 'management/admin', payload });

  it('are created with their first administrator, who can log in at once', async () => {
    const answer = await create({ id: 'acme', domain: 'iot.acme.example', adminName: 'ada', adminPass: 'a long enough one', company: 'Acme' });
    const self = 'http://fleet.example.com/tenant/tenants/acme';
    expect([answer.statusCode, answer.headers.location, answer.json()]).toEqual([
      201,
      self,
      { self, id: 'acme', domain: 'iot.acme.example', status: 'ACTIVE', creationTime: api.clock.now().toISOString(), allowCreateTenants: false },
    ]);
    expect(answer.body).not.toContain('a long enough one');
    const login = await api.ask('GET /tenant/currentTenant', { headers: { authorization: basic('ada:a long enough one'), host: 'iot.acme.example' } });
    expect(login.json().name).toBe('acme');
  });

  it('get an id of their own where none is asked for', async () => {
    const answer = await create({ domain: 'iot.acme.example' });
    expect([answer.statusCode, answer.json().id]).toEqual([201, expect.stringMatching(/^t\d{10,12}$/)]);
  });

  it.each([
    ['an id that is taken', { id: 'main' }, 409, 'tenant.already-exists'],
    ['a domain that is taken', { id: 'acme', domain: 'MAIN.example.com' }, 409, 'tenant.domain-taken'],
    ['T16 the id management', { id: 'management' }, 409, 'tenant.already-exists'],
    ['T16 the id %', { id: '%' }, 422, 'tenant.malformed-id'],
    ['T16 the id _', { id: '_' }, 422, 'tenant.malformed-id'],
    ['T16 an id in Unicode', { id: 'mäin' }, 422, 'tenant.malformed-id'],
    ['T16 an id in upper case', { id: 'Main' }, 422, 'tenant.malformed-id'],
    ['an id with a slash', { id: 'a/b' }, 422, 'tenant.malformed-id'],
    ['a domain with a scheme', { id: 'acme', domain: 'https://acme.example' }, 422, 'tenant.malformed-domain'],
    ['an administrator named like a device', { id: 'acme', adminName: 'device_x', adminPass: 'long enough' }, 422, 'access.unusable-name'],
    ['an administrator with a colon', { id: 'acme', adminName: 'a:b', adminPass: 'long enough' }, 422, 'access.unusable-name'],
    ['a short password', { id: 'acme', adminName: 'ada', adminPass: 'short' }, 422, 'access.unusable-password'],
    ['an administrator without a password', { id: 'acme', adminName: 'ada' }, 400, undefined],
    ['a password without an administrator', { id: 'acme', adminPass: 'long enough' }, 400, undefined],
    ['an id that is no text', { id: 7 }, 400, undefined],
    ['an id of 10 KB', { id: 'a'.repeat(10_000) }, 400, undefined],
  ])('are not created with %s', async (_what, payload, status, code) => {
    const answer = await create(payload);
    expect([answer.statusCode, answer.json().details?.code]).toEqual([status, code]);
    expect((await api.tenants.list()).map(({ id }) => id)).toEqual(['main', 'management', 'other']);
  });

  it('R13 show no key again that stands in the place of an id or a domain', async () => {
    const key = keyBlock();
    for (const [payload, code, name] of [[{ id: key }, 'tenant.malformed-id', 'id'], [{ id: 'acme', domain: key }, 'tenant.malformed-domain', 'domain']] as const) {
      const answer = await create(payload);
      expect([answer.statusCode, answer.json().details.code, answer.json().details.evidence]).toEqual([422, code, { [name]: `a text of ${key.length} characters` }]);
      expect(answer.body).not.toMatch(/PRIVATE|MIGH/);
    }
  });

  it('R08 are created once by two requests at once: one 201, one 409', async () => {
    const wishes = [{ id: 'acme', adminName: 'ada', adminPass: 'the first password' }, { id: 'acme', adminName: 'bob', adminPass: 'the second password' }];
    const answers = await Promise.all(wishes.map((wish) => create(wish)));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([201, 409]);
    const winner = wishes[answers.findIndex(({ statusCode }) => statusCode === 201)]!;
    const mayLogIn = async ({ adminName, adminPass }: (typeof wishes)[number]) => (await api.ask('GET /user/currentUser', { headers: { authorization: basic(`acme/${adminName}:${adminPass}`) } })).statusCode;
    expect(await Promise.all(wishes.map(mayLogIn))).toEqual(wishes.map((wish) => (wish === winner ? 200 : 401)));
    expect((await Promise.all([create({ id: 'one', domain: 'same.example.com' }), create({ id: 'two', domain: 'same.example.com' })])).map(({ statusCode }) => statusCode).sort()).toEqual([201, 409]);
  });

  it('C08 give no user a password under the name of a device', async () => {
    await api.devices.register(aDevice({ id: aDeviceId('press-7'), tenant: aTenantId('main') }));
    const answer = await create({ id: 'acme', adminName: 'device_press-7', adminPass: 'long enough' });
    expect([answer.statusCode, answer.json().details.code]).toEqual([422, 'access.unusable-name']);
    expect((await api.ask('GET /user/currentUser', { headers: { authorization: basic('main/device_press-7:long enough') } })).statusCode).toBe(401);
  });

  it('are listed in pages', async () => {
    const answer = await api.ask('GET /tenant/tenants?pageSize=2&withTotalPages=true', { as: 'management/admin' });
    expect(answer.json()).toMatchObject({ statistics: { currentPage: 1, pageSize: 2, totalPages: 2 }, next: expect.stringContaining('currentPage=2') });
    expect(answer.json().tenants.map(({ id }: { id: string }) => id)).toEqual(['main', 'management']);
    expect((await api.ask('GET /tenant/tenants?pageSize=0', { as: 'management/admin' })).statusCode).toBe(400);
  });

  it.each(['t01', '%25', 'Main'])('are unknown in the words that clients know: %s', async (id) => {
    const as = 'management/admin';
    const message = `There is no tenant with id = ${decodeURIComponent(id)}`;
    for (const answer of [await api.ask(`GET /tenant/tenants/${id}`, { as }), await api.ask(`PUT /tenant/tenants/${id}`, { as, payload: { status: 'ACTIVE' } })])
      expect([answer.statusCode, answer.json().error, answer.json().message]).toEqual([404, 'security/Not Found', message]);
  });

  it('are suspended and activated', async () => {
    const as = 'management/admin';
    const put = (status: string) => api.ask('PUT /tenant/tenants/other', { as, payload: { status } });
    expect((await put('SUSPENDED')).json()).toMatchObject({ id: 'other', status: 'SUSPENDED' });
    expect((await api.ask('GET /tenant/tenants/other', { as })).json().status).toBe('SUSPENDED');
    expect((await put('ACTIVE')).json().status).toBe('ACTIVE');
    expect((await put('active')).statusCode).toBe(400);
  });

  it('are never suspended by locking oneself out', async () => {
    const answer = await api.ask('PUT /tenant/tenants/management', { as: 'management/admin', payload: { status: 'SUSPENDED' } });
    expect([answer.statusCode, answer.json().details.code]).toEqual([409, 'tenant.management-stays']);
  });
});

describe('Devices', () => {
  const ids = ['Press-1', 'press-1', 'press-2', 'prüfstand', 'ürgh'];
  beforeEach(async () => {
    for (const id of ids) await api.devices.register(aDevice({ id: aDeviceId(id), registeredAt: api.clock.now() }));
    await api.devices.register(aDevice({ tenant: aTenantId('other'), id: aDeviceId('theirs') }));
  });

  it('are listed with all that is known of them', async () => {
    const answer = (await api.ask('GET /fleetgate/devices', { as: 'main/reader' })).json();
    expect(answer.next).toBeUndefined();
    expect(answer.devices[0]).toEqual({ id: 'Press-1', userName: 'device_Press-1', registeredBy: 'auto', registeredAt: api.clock.now().toISOString(), details: {} });
    expect(answer.devices.map(({ id }: { id: string }) => id)).toEqual(ids);
  });

  it.each([1, 2, 3, 4, 5, 1000])('are all seen once by following next, %i at a time', async (limit) => {
    const seen: string[] = [];
    let pages = 0;
    for (let url: string | undefined = `/fleetgate/devices?limit=${limit}`; url; pages++) {
      const page: { devices: { id: string }[]; next?: string } = (await api.ask(`GET ${url}`, { as: 'main/reader' })).json();
      seen.push(...page.devices.map(({ id }) => id));
      url = page.next?.replace('http://fleet.example.com', '');
    }
    expect([seen, pages]).toEqual([ids, Math.ceil(ids.length / limit)]);
  });

  it.each(['limit=0', 'limit=-1', 'limit=1001', 'limit=x', 'limit=1&limit=2', 'after=a&after=b', `after=${'x'.repeat(255)}`])('R10 answers 400 to %s', async (query) => {
    expect((await api.ask(`GET /fleetgate/devices?${query}`, { as: 'main/reader' })).statusCode).toBe(400);
  });

  it('T11 lead nowhere by the cursor of another tenant', async () => {
    const answer = await api.ask('GET /fleetgate/devices?after=theirs', { as: 'main/reader' });
    expect(answer.body).not.toContain('theirs');
  });

  it('are found and removed by their exact id, once', async () => {
    const path = `/fleetgate/devices/${encodeURIComponent('prüfstand')}`;
    expect((await api.ask(`GET ${path}`, { as: 'main/reader' })).json().id).toBe('prüfstand');
    const removed = await api.ask(`DELETE ${path}`, { as: 'main/registrar' });
    expect([removed.statusCode, removed.body]).toEqual([204, '']);
    expect((await api.ask(`DELETE ${path}`, { as: 'main/registrar' })).statusCode).toBe(404);
    expect(api.events).toEqual([{ what: 'device.removed', tenant: 'main', by: 'main/registrar', subject: 'prüfstand', sessionsEnded: 0 }]);
  });

  it('R08 are removed once by two requests at once, and blocked twice by the last word', async () => {
    const path = `/fleetgate/devices/${encodeURIComponent('prüfstand')}`;
    const blocked = await Promise.all(['lost', 'stolen'].map((reason) => api.ask(`POST ${path}/block`, { as: 'main/registrar', payload: { reason } })));
    expect(blocked.map(({ statusCode }) => statusCode)).toEqual([200, 200]);
    expect(['lost', 'stolen']).toContain((await api.ask(`GET ${path}`, { as: 'main/registrar' })).json().block.reason);
    await Promise.all([1, 2].map(() => api.ask(`POST ${path}/unblock`, { as: 'main/registrar' })));
    const removed = await Promise.all([1, 2, 3].map(() => api.ask(`DELETE ${path}`, { as: 'main/registrar' })));
    expect(removed.map(({ statusCode }) => statusCode).sort()).toEqual([204, 404, 404]);
    expect(api.events.filter(({ what }) => what === 'device.removed')).toHaveLength(1);
  });

  it.each(['PRESS-2', 'theirs', 'nobody', 'a%2Fb', '%23', '..', '%25'])('T09 are unknown by any other id, in the same words: %s', async (id) => {
    for (const method of ['GET', 'DELETE']) {
      const answer = await api.ask(`${method} /fleetgate/devices/${id}`, { as: 'main/admin' });
      // A client resolves `..` itself; nothing is served where it leads.
      expect([answer.statusCode, answer.json().error]).toEqual([404, expect.stringMatching(/^(devicecontrol|general)\/Not Found$/)]);
      if (id !== '..') expect(answer.json().details).toMatchObject({ code: 'registration.unknown-device', evidence: { id: decodeURIComponent(id) } });
    }
  });
});

describe('Signing keys', () => {
  it('are published for anybody, public members only, to be kept for minutes', async () => {
    const answer = await api.ask('GET /.well-known/jwks.json');
    expect([answer.statusCode, answer.headers['content-type'], answer.headers['cache-control']]).toEqual([200, 'application/jwk-set+json; charset=utf-8', 'public, max-age=300']);
    const { keys } = answer.json();
    expect(keys).toHaveLength(1);
    for (const secret of ['d', 'k', 'p', 'q', 'oth']) expect(keys[0]).not.toHaveProperty(secret);
  });

  it('J08 rotate: former tokens still count, and the new key is published and audited', async () => {
    const bearer = await api.tokenBy({ fingerprint: await api.trust(await aRoot()) });
    const rotated = await api.ask('POST /fleetgate/keys/rotate', { as: 'management/admin' });
    const { kid } = rotated.json();
    expect([rotated.statusCode, kid]).toEqual([200, api.signer.keyId()]);
    expect(api.events.at(-1)).toEqual({ what: 'keys.rotated', tenant: 'management', by: 'management/admin', subject: kid });
    const { keys } = (await api.ask('GET /.well-known/jwks.json')).json();
    expect(keys).toHaveLength(2);
    expect((await api.ask('GET /user/currentUser', { bearer })).statusCode).toBe(200);
    const [header = '', payload = '', signature = ''] = bearer.split('.');
    const { kid: former } = JSON.parse(Buffer.from(header, 'base64url').toString());
    const key = createPublicKey({ key: keys.find((each: { kid: string }) => each.kid === former), format: 'jwk' });
    expect(verify('sha256', Buffer.from(`${header}.${payload}`), { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'))).toBe(true);
  });
});

describe('The user of a device', () => {
  const seen = async (n: number): Promise<void> => {
    await api.seen.remember({
      ...{ tenant: aTenantId(), device: aDeviceId(), thumbprint: `print-${n}` as never, fingerprint: '', issuer: '', serialNumber: `0a${n}` },
      ...{ notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2027-01-01T00:00:00Z'), lastSeen: new Date(Date.UTC(2026, 5, n)) },
    });
  };
  const PATH = '/user/main/users/device_press-7';
  beforeEach(() => api.devices.register(aDevice()));

  it('has the certificates it was let in with, the newest first, where they are asked for', async () => {
    for (const n of [1, 3, 2]) await seen(n);
    const self = `http://fleet.example.com${PATH}`;
    const view = {
      ...{ self, id: 'device_press-7', userName: 'device_press-7', enabled: true, shouldResetPassword: false, customProperties: {}, devicePermissions: {} },
      ...{ roles: { self: `${self}/roles`, references: [] }, groups: { self: `${self}/groups`, references: [] } },
    };
    expect((await api.ask(`GET ${PATH}`, { as: 'main/reader' })).json()).toEqual(view);
    const { provisionedCertificates, ...rest } = (await api.ask(`GET ${PATH}?withCertificates=true`, { as: 'main/reader' })).json();
    expect(rest).toEqual(view);
    expect(provisionedCertificates.map(({ serialNumber }: { serialNumber: string }) => serialNumber)).toEqual(['a3', 'a2', 'a1']);
    expect(provisionedCertificates[0]).toEqual({ serialNumber: 'a3', notBefore: '2026-01-01T00:00:00.000Z', notAfter: '2027-01-01T00:00:00.000Z', lastSeen: '2026-06-03T00:00:00.000Z', thumbprint: 'print-3' });
    expect((await api.ask('GET /fleetgate/devices/press-7', { as: 'main/reader' })).json().certificates).toEqual(provisionedCertificates);
  });

  it.each([
    ['another device', 'GET /user/main/users/device_press-8', 'main/admin', 404],
    ['a name that is no device', 'GET /user/main/users/device_a%2Fb', 'main/admin', 404],
    ['T09 another tenant', `GET ${PATH}`, 'other/admin', 403],
    ['T09 a device of one’s own name', 'GET /user/other/users/device_press-7', 'other/admin', 404],
    ['somebody without a role', `GET ${PATH}`, 'main/nobody', 403],
  ] as const)('is not shown: %s', async (_what, route, as, status) => {
    expect((await api.ask(`${route}?withCertificates=true`, { as })).statusCode).toBe(status);
  });

  it('loses its certificates with the device', async () => {
    await seen(1);
    expect((await api.ask('DELETE /fleetgate/devices/press-7', { as: 'main/admin' })).statusCode).toBe(204);
    expect(await api.seen.of(aTenantId(), aDeviceId())).toEqual([]);
  });
});
