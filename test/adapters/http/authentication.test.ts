import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readAuthorization } from '../../../src/adapters/http/read-authorization.ts';
import { Turnstile } from '../../../src/adapters/system/turnstile.ts';
import { aRoot } from '../../support/pki.ts';
import { anApi, basic, INFO, PASSWORD, type Api } from './an-api.ts';

const bad = { error: 'security/Unauthorized', message: 'Invalid credentials! : Bad credentials', info: INFO };
const terminated = /^Token is terminated/;

describe('Whoever asks the HTTP API says who it is', () => {
  let api: Api;
  let fingerprint: string;
  beforeEach(async () => {
    api = await anApi();
    fingerprint = await api.trust(await aRoot());
  });
  afterEach(() => api.close());

  const currentTenant = (authorization: string, host = 'fleet.example.com') =>
    api.ask('GET /tenant/currentTenant', { headers: { authorization, host } });

  it('takes tenant/user:password', async () => {
    const answer = await currentTenant(basic(`main/admin:${PASSWORD}`));
    expect([answer.statusCode, answer.json().name]).toEqual([200, 'main']);
  });

  it.each(['main.example.com', 'main.example.com:4443', 'MAIN.example.com'])(
    'takes user:password, and the tenant from the Host %s',
    async (host) => {
      expect((await currentTenant(basic(`admin:${PASSWORD}`), host)).json().name).toBe('main');
    },
  );

  it('lets the tenant in the user name win over the Host', async () => {
    expect((await currentTenant(basic(`main/admin:${PASSWORD}`), 'other.example.com')).json().name).toBe('main');
  });

  it.each([
    ['nothing', undefined],
    ['a wrong password', basic('main/admin:wrong password')],
    ['a user that does not exist', basic(`main/nemo:${PASSWORD}`)],
    ['a tenant that does not exist', basic(`atlantis/admin:${PASSWORD}`)],
    ['no tenant, and a Host that is nobody’s', basic(`admin:${PASSWORD}`)],
    ['no colon', basic('main/admin')],
    ['no user', basic(`:${PASSWORD}`)],
    ['a control character', basic(`main/admin:${PASSWORD}\u0000`)],
    ['no UTF-8', `Basic ${Buffer.from([0x61, 0x3a, 0xff]).toString('base64')}`],
    ['no base64', `Basic ${'*'.repeat(20)}`],
    ['base64 with a line break’s worth of white space', `Basic ${Buffer.from('main/admin:x').toString('base64')} =`],
    ['another scheme', 'Digest username="admin"'],
    ['a header of 20 KB', basic(`main/admin:${'x'.repeat(20_000)}`)],
    ['the name of a tenant in other case', basic(`Main/admin:${PASSWORD}`)],
  ])('answers 401 in the same words to %s', async (_what, authorization) => {
    const answer = await api.ask('GET /tenant/currentTenant', authorization === undefined ? {} : { headers: { authorization } });
    expect([answer.statusCode, answer.headers['www-authenticate'], answer.headers['content-type']]).toEqual([
      401,
      'Basic realm="Cumulocity"',
      'application/vnd.com.nsn.cumulocity.error+json',
    ]);
    expect(answer.json()).toMatchObject(bad);
    expect(answer.json().details.code).toBe('access.bad-credentials');
    expect(Object.keys(answer.json())).toEqual(['error', 'message', 'info', 'details']);
  });

  it('names a scheme that browsers do not know to clients that ask for it', async () => {
    const answer = await api.ask('GET /tenant/currentTenant', { headers: { usexbasic: 'true' } });
    expect([answer.statusCode, answer.headers['www-authenticate']]).toEqual([401, 'XBasic realm="Cumulocity"']);
  });

  it.each(['main/admin', 'main/nemo', 'atlantis/admin'])('R11 answers 429 with Retry-After after five wrong passwords for %s, in the same words whether it exists or not', async (user) => {
    const ask = (password: string) => currentTenant(basic(`${user}:${password}`));
    for (let i = 0; i < 5; i++) expect((await ask(`guess ${i}`)).statusCode).toBe(401);
    const limited = await ask(PASSWORD);
    expect([limited.statusCode, limited.headers['retry-after'], limited.headers['www-authenticate']]).toEqual([429, '1', undefined]);
    expect(limited.json()).toMatchObject({ error: 'security/Too Many Requests', message: 'Too many wrong passwords. Try again in 1 s.', details: { code: 'access.too-many-attempts', evidence: { seconds: 1 } } });
    expect(limited.body).not.toContain(user);
    api.clock.advance(1000);
    await ask('guess 6');
    expect((await ask('guess 7')).headers['retry-after']).toBe('2');
    api.clock.advance(2000);
    expect((await ask(PASSWORD)).statusCode).toBe(user === 'main/admin' ? 200 : 401);
    expect(api.events.filter(({ what }) => what === 'login.limited').length).toBeGreaterThanOrEqual(2);
  });

  it('R11 does not even look at a password while somebody waits, and never for a token', async () => {
    let looked = 0;
    const { verify } = api.hasher;
    api.hasher.verify = async (...given) => { looked++; return verify(...given); };
    for (let i = 0; i < 50; i++) await currentTenant(basic('main/admin:wrong'));
    expect(looked).toBe(5);
    for (let i = 0; i < 50; i++) expect((await api.ask('GET /tenant/currentTenant', { bearer: 'x.y.z' })).statusCode).toBe(401);
    expect(looked).toBe(5);
    const bearer = await api.tokenBy({ fingerprint });
    expect((await api.ask('GET /tenant/currentTenant', { bearer })).statusCode).toBe(200);
  });

  it('R11 lets another user in from the same address, and the same user from another', async () => {
    for (let i = 0; i < 6; i++) await currentTenant(basic('main/admin:wrong'));
    expect((await api.ask('GET /tenant/currentTenant', { as: 'main/reader' })).statusCode).toBe(200);
    const elsewhere = await api.ask('GET /tenant/currentTenant', { as: 'main/admin', remoteAddress: '198.51.100.7' });
    expect(elsewhere.statusCode).toBe(200);
    expect((await api.ask('GET /tenant/currentTenant', { as: 'main/admin' })).statusCode).toBe(429);
  });

  it('R11 counts a user by tenant, whether the tenant stands in the login or in the Host', async () => {
    for (let i = 0; i < 3; i++) await currentTenant(basic('main/admin:wrong'));
    for (let i = 0; i < 2; i++) await currentTenant(basic('admin:wrong'), 'main.example.com');
    expect((await currentTenant(basic(`admin:${PASSWORD}`), 'main.example.com')).statusCode).toBe(429);
  });

  it('R11 answers 429 where more passwords are to be checked than can be, and blames nobody', async () => {
    const turnstile = new Turnstile({ atOnce: 0, waiting: 0, longestWaitMs: 1000 });
    const busy = await anApi({ replace: { access: { byPassword: () => turnstile.pass(() => Promise.reject(new Error('never'))), byToken: api.needs.access.byToken } } });
    const answer = await busy.ask('GET /user/currentUser', { as: 'main/admin' });
    expect([answer.statusCode, answer.json().error, answer.headers['retry-after']]).toEqual([429, 'security/Too Many Requests', '5']);
    expect(busy.lines.filter(({ level }) => level !== 'info')).toEqual([]);
    await busy.close();
  });

  it('asks before it reads a body, and before it says whether a tenant exists', async () => {
    const payload = 'x'.repeat(100);
    for (const tenant of ['main', 'atlantis']) {
      const answer = await api.ask(`POST /tenant/tenants/${tenant}/trusted-certificates`, { payload });
      expect([answer.statusCode, answer.json().message]).toEqual([401, bad.message]);
    }
  });

  it('REQ-10 shows a device who it is by its token, whatever the Host says (T08, R07)', async () => {
    const bearer = await api.tokenBy({ fingerprint });
    for (const host of ['main.example.com', 'other.example.com', 'nowhere.example.com']) {
      const answer = await api.ask('GET /user/currentUser', { bearer, headers: { host } });
      expect(answer.statusCode).toBe(200);
      expect(answer.json()).toMatchObject({ id: 'device_press-7', userName: 'device_press-7', self: `http://${host}/user/currentUser` });
      expect((await api.ask('GET /tenant/currentTenant', { bearer, headers: { host } })).json().name).toBe('main');
    }
  });

  it('knows the scheme in any case', async () => {
    const token = await api.tokenBy({ fingerprint });
    expect((await api.ask('GET /user/currentUser', { headers: { authorization: `bEARER ${token}` } })).statusCode).toBe(200);
  });

  it('refuses a token with any one character changed, the last one too', async () => {
    const token = await api.tokenBy({ fingerprint });
    for (const at of [0, 5, token.indexOf('.') + 3, token.lastIndexOf('.') + 1, token.length - 2, token.length - 1]) {
      for (const other of ['A', 'B'].filter((each) => each !== token[at])) {
        const answer = await api.ask('GET /user/currentUser', { bearer: token.slice(0, at) + other + token.slice(at + 1) });
        expect([at, answer.statusCode, answer.json().message]).toEqual([at, 401, bad.message]);
        expect(answer.headers['www-authenticate']).toMatch(/^Bearer error="invalid_token", error_description="[^"]+"$/);
      }
    }
  });

  it('tells a client to ask for a new token when its own has run out', async () => {
    const bearer = await api.tokenBy({ fingerprint });
    api.clock.advance(3600_000);
    const answer = await api.ask('GET /user/currentUser', { bearer });
    expect([answer.statusCode, answer.json().error, answer.json().details.code]).toEqual([401, 'security/Unauthorized', 'token.expired']);
    expect(answer.json().message).toMatch(terminated);
    expect(answer.headers['www-authenticate']).toBe('Bearer error="invalid_token", error_description="required is that the time is before exp"');
  });

  it.each([
    ['disabled', 'token.trust-withdrawn', () => api.ask(`PUT /tenant/tenants/main/trusted-certificates/${fingerprint}`, { as: 'main/admin', payload: { status: 'DISABLED' } })],
    ['deleted', 'token.trust-withdrawn', () => api.ask(`DELETE /tenant/tenants/main/trusted-certificates/${fingerprint}`, { as: 'main/admin' })],
    ['removed with the device', 'token.device-removed', () => api.ask('DELETE /fleetgate/devices/press-7', { as: 'main/registrar' })],
    ['suspended with the tenant', 'token.tenant-suspended', () => api.ask('PUT /tenant/tenants/main', { as: 'management/admin', payload: { status: 'SUSPENDED' } })],
  ])('J06 refuses a token at once when its trust was %s, as %s', async (_how, code, withdraw) => {
    const bearer = await api.tokenBy({ fingerprint });
    expect((await api.ask('GET /user/currentUser', { bearer })).statusCode).toBe(200);
    expect((await withdraw()).statusCode).toBeLessThan(300);
    const answer = await api.ask('GET /user/currentUser', { bearer });
    expect([answer.statusCode, answer.json().details.code]).toEqual([401, code]);
    expect(answer.json().message).toMatch(terminated);
  });

  it('T13 lets no administrator of a suspended tenant in', async () => {
    await api.ask('PUT /tenant/tenants/main', { as: 'management/admin', payload: { status: 'SUSPENDED' } });
    const answer = await api.ask('GET /tenant/currentTenant', { as: 'main/admin' });
    expect([answer.statusCode, answer.json().message]).toEqual([401, bad.message]);
  });

  it('keeps tokens, passwords, queries and paths out of the log', async () => {
    const bearer = await api.tokenBy({ fingerprint });
    await api.ask('GET /user/currentUser?secret=hush', { bearer });
    await api.ask('GET /tenant/currentTenant', { as: 'main/admin' });
    await api.ask(`GET /fleetgate/devices/press-7?access_token=${bearer}`, { bearer });
    await api.ask('GET /no/such/path/hush');
    const text = JSON.stringify(api.lines);
    for (const secret of [bearer, PASSWORD, 'hush', 'press-7', 'Authorization', 'authorization', Buffer.from(PASSWORD).toString('base64')])
      expect(text).not.toContain(secret);
    expect(api.lines.at(-2)).toMatchObject({ level: 'info', facts: { method: 'GET', route: '/fleetgate/devices/:id', status: 403 } });
    expect(api.lines.at(-1)).toMatchObject({ facts: { route: 'none', status: 404 } });
  });
});

describe('An Authorization header', () => {
  const basicOf = (bytes: Uint8Array): string => `Basic ${Buffer.from(bytes).toString('base64')}`;
  const text = (value: string): Uint8Array => Buffer.from(value);

  it.each([
    ['a/b:c', 'a/b', 'c'],
    ['a:b:c:', 'a', 'b:c:'],
    ['a:', 'a', ''],
    ['ä:ß€', 'ä', 'ß€'],
    [' a: b ', ' a', ' b '],
  ])('holds what stands before and after the first colon of %j', (userPass, login, password) => {
    expect(readAuthorization(basicOf(text(userPass)))).toEqual({ scheme: 'basic', login, password });
  });

  it('may leave the padding of its base64 out', () => {
    expect(readAuthorization('Basic YTpi')).toEqual(readAuthorization('basic  YTpi'));
    expect(readAuthorization('Basic YTo')).toEqual(readAuthorization('Basic YTo='));
  });

  it.each([
    ['no UTF-8', basicOf(Buffer.from([0x61, 0x3a, 0xff]))],
    ['a NUL', basicOf(text('a:b\0'))],
    ['a line break', basicOf(text('a:b\n'))],
    ['a C1 control character', basicOf(text('a:\u0085'))],
    ['bits left over in its base64', 'Basic YTp='],
    ['the other base64 alphabet', 'Basic _TpiYTpi'],
    ['two values', 'Basic YTpi YTpi'],
    ['no value', 'Basic '],
    ['no scheme', 'YTpi'],
    ['16 KiB and a byte', `Bearer ${'x'.repeat(16 * 1024 - 6)}`],
  ])('is nothing with %s', (_what, header) => {
    expect(readAuthorization(header)).toBeUndefined();
  });

  it('holds a token of 16 KiB, scheme and all', () => {
    const token = 'x'.repeat(16 * 1024 - 'Bearer '.length);
    expect(readAuthorization(`Bearer ${token}`)).toEqual({ scheme: 'bearer', token });
  });
});

describe('Whatever the access desk refuses with', () => {
  it.each(['tenant.suspended', 'token.switched-off', 'registration.trust-in-motion', 'access.not-allowed'] as const)('is 401, not what %s means elsewhere', async (code) => {
    const refuses = async () => ({ granted: false, refusal: { code, evidence: { tenant: 'main' } } }) as const;
    const api = await anApi({ replace: { access: { byPassword: refuses, byToken: refuses } } });
    for (const who of [{ as: 'main/admin' }, { bearer: 'x.y.z' }] as const) {
      const answer = await api.ask('GET /tenant/currentTenant', who);
      expect([answer.statusCode, answer.json().message, answer.json().details.code]).toEqual([401, bad.message, 'access.bad-credentials']);
    }
    await api.close();
  });
});

describe('What an administrator may do depends on the tenant and the roles', () => {
  let api: Api;
  beforeEach(async () => { api = await anApi(); });
  afterEach(() => api.close());

  const list = '/tenant/tenants/main/trusted-certificates';
  const one = `${list}/${'a'.repeat(40)}`;

  // Rows: who, what, the status. 404 and 400 mean that the guards let it pass.
  it.each([
    ['main/admin', `GET ${list}`, 200],
    ['main/reader', `GET ${list}`, 200],
    ['main/nobody', `GET ${list}`, 403],
    ['main/registrar', `GET ${list}`, 403],
    ['management/admin', `GET ${list}`, 403],
    ['main/admin', `POST ${list}`, 400],
    ['main/reader', `POST ${list}`, 403],
    ['management/admin', `POST ${list}`, 403],
    ['management/admin', `POST ${list}/bulk`, 403],
    ['main/reader', `GET ${one}`, 404],
    ['management/admin', `GET ${one}`, 404],
    ['main/reader', `PUT ${one}`, 403],
    ['management/admin', `PUT ${one}`, 400],
    ['main/reader', `DELETE ${one}`, 403],
    ['management/admin', `DELETE ${one}`, 404],
    ['main/admin', 'GET /tenant/tenants', 403],
    ['main/admin', 'GET /tenant/tenants/main', 200],
    ['main/nobody', 'GET /tenant/tenants/main', 403],
    ['management/admin', 'GET /tenant/tenants/main', 200],
    ['main/admin', 'POST /tenant/tenants', 403],
    ['main/admin', 'PUT /tenant/tenants/main', 403],
    ['main/reader', 'GET /tenant/options/a/b', 404],
    ['main/nobody', 'GET /tenant/options/a/b', 403],
    ['main/reader', 'PUT /tenant/options/a/b', 403],
    ['main/reader', 'GET /fleetgate/devices', 200],
    ['main/registrar', 'GET /fleetgate/devices', 200],
    ['main/nobody', 'GET /fleetgate/devices', 403],
    ['main/reader', 'DELETE /fleetgate/devices/x', 403],
    ['main/registrar', 'DELETE /fleetgate/devices/x', 404],
    ['main/admin', 'POST /fleetgate/keys/rotate', 403],
    ['management/admin', 'POST /fleetgate/keys/rotate', 200],
  ] as const)('%s asks %s and gets %i', async (as, route, status) => {
    const answer = await api.ask(route, { as });
    expect(answer.statusCode).toBe(status);
    if (status === 403) expect(answer.json()).toEqual({ error: 'security/Forbidden', message: 'Access is denied.', info: INFO });
  });

  it.each([
    `GET ${list}`, `POST ${list}`, `POST ${list}/bulk`, `GET ${one}`, `PUT ${one}`, `DELETE ${one}`, 'GET /tenant/tenants/main',
    'GET /tenant/tenants/atlantis', 'GET /tenant/tenants/atlantis/trusted-certificates', 'GET /tenant/tenants/main%20/trusted-certificates',
  ] as const)('T08 refuses other/admin %s, in the same words whether the tenant exists or not', async (route) => {
    const answer = await api.ask(route, { as: 'other/admin' });
    expect([answer.statusCode, answer.json()]).toEqual([403, { error: 'security/Forbidden', message: 'Access is denied.', info: INFO }]);
  });

  it('T08 gives a device no way to the trust store or the devices of its own tenant, nor of another', async () => {
    const fingerprint = await api.trust(await aRoot());
    const bearer = await api.tokenBy({ fingerprint });
    for (const route of [`GET ${list}`, `DELETE ${list}/${fingerprint}`, 'GET /tenant/tenants/other/trusted-certificates', 'GET /fleetgate/devices', 'POST /fleetgate/keys/rotate', 'GET /tenant/options/a/b'] as const)
      expect([route, (await api.ask(route, { bearer })).statusCode]).toEqual([route, 403]);
  });

  it('tells the management tenant that the tenant of a path does not exist', async () => {
    const answer = await api.ask(`DELETE /tenant/tenants/t01/trusted-certificates/${'a'.repeat(40)}`, { as: 'management/admin' });
    expect([answer.statusCode, answer.json().error, answer.json().message]).toEqual([404, 'security/Not Found', 'There is no tenant with id = t01']);
  });
});
