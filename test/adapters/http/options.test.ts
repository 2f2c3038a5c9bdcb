import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { anApi, INFO, type Api } from './an-api.ts';

let api: Api;
beforeEach(async () => { api = await anApi(); });
afterEach(() => api.close());

const self = (path: string): string => `http://fleet.example.com${path}`;
const get = async (path: string, as: 'main/reader' | 'other/admin' = 'main/reader') => (await api.ask(`GET ${path}`, { as })).json();
const post = (payload: object) => api.ask('POST /tenant/options', { as: 'main/admin', payload });
const put = (path: string, payload: object) => api.ask(`PUT ${path}`, { as: 'main/admin', payload });

describe('Tenant options', () => {
  it.each([
    ['configuration', 'crl.offline.check.enabled', 'true'],
    ['configuration', 'crl.online.check.enabled', 'false'],
    ['device-registration', 'security-token.policy', 'REQUIRED'],
    ['a/b', 'ü %_#', ''],
  ])('are set by POST, and shown under their own path: %s/%s', async (category, key, value) => {
    const path = `/tenant/options/${encodeURIComponent(category)}/${encodeURIComponent(key)}`;
    const answer = await post({ category, key, value, more: 1 });
    expect([answer.statusCode, answer.headers.location, answer.json()]).toEqual([201, self(path), { self: self(path), category, key, value }]);
    expect(await get(path)).toEqual(answer.json());
    expect(await get('/tenant/options')).toMatchObject({ options: [answer.json()] });
    expect((await post({ category, key, value: 'again' })).statusCode).toBe(201);
    expect((await get(path)).value).toBe('again');
  });

  it('T11 are listed in pages, for one tenant alone, whatever page another tenant asked for', async () => {
    for (const key of ['c', 'a', 'b']) await post({ category: 'k', key, value: key });
    await api.ask('POST /tenant/options', { as: 'other/admin', payload: { category: 'k', key: 'theirs', value: 'x' } });
    const first = await get('/tenant/options?pageSize=2&withTotalPages=true');
    expect([first.options.map(({ key }: { key: string }) => key), first.statistics.totalPages]).toEqual([['a', 'b'], 2]);
    const next = first.next.replace('http://fleet.example.com', '');
    expect((await get(next)).options.map(({ key }: { key: string }) => key)).toEqual(['c']);
    expect((await get(next, 'other/admin')).options).toEqual([]);
    expect((await api.ask('GET /tenant/options?pageSize=0', { as: 'main/reader' })).statusCode).toBe(400);
  });

  it('T16 are shown by category as values by key, of exactly that category', async () => {
    for (const category of ['a_b', 'axb', '%']) await post({ category, key: 'k', value: category });
    expect([await get('/tenant/options/a_b'), await get('/tenant/options/%25'), await get('/tenant/options/none')]).toEqual([{ k: 'a_b' }, { k: '%' }, {}]);
  });

  it('are set several at once, all or none', async () => {
    const category = '/tenant/options/oauth.internal';
    const both = await put(category, { 'device-token.enabled': 'false', 'device-token.lifespan.seconds': '600' });
    expect([both.statusCode, both.json()]).toEqual([200, { 'device-token.enabled': 'false', 'device-token.lifespan.seconds': '600' }]);
    expect(api.events.map((event) => 'subject' in event && event.subject)).toEqual(['oauth.internal/device-token.enabled', 'oauth.internal/device-token.lifespan.seconds']);
    expect((await put(category, { 'device-token.enabled': 'true', 'device-token.lifespan.seconds': '1' })).statusCode).toBe(422);
    expect(await get(category)).toEqual(both.json());
    for (const wrong of [{}, [], { a: 1 }, Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`k${i}`, 'x']))]) expect((await put(category, wrong)).statusCode).toBe(400);
  });

  it('are removed, once, and their default is in force again', async () => {
    const path = '/tenant/options/oauth.internal/device-token.lifespan.seconds';
    await put(path, { value: '600' });
    const remove = () => api.ask(`DELETE ${path}`, { as: 'main/admin' });
    expect([(await remove()).statusCode, (await get(path)).value]).toEqual([204, '3600']);
    const again = await remove();
    expect([again.statusCode, again.json().error, again.json().info]).toEqual([404, 'options/Not Found', INFO]);
    expect(api.events.at(-1)).toEqual({ what: 'tenant.option-removed', tenant: 'main', by: 'main/admin', subject: 'oauth.internal/device-token.lifespan.seconds' });
  });

  it.each([
    [{ category: 'a', key: 'b' }],
    [{ category: 'a', value: 'b' }],
    [{ category: '', key: 'b', value: 'c' }],
    [{ category: 'a', key: 'b', value: 7 }],
    [[]],
  ])('are not set by %j', async (payload) => {
    expect((await post(payload)).statusCode).toBe(400);
  });

  it.each([['GET', 200], ['POST', 403], ['PUT', 403], ['DELETE', 403]] as const)('a reader’s %s is answered with %i', async (method, status) => {
    const path = { GET: '/tenant/options', POST: '/tenant/options', PUT: '/tenant/options/a', DELETE: '/tenant/options/a/b' }[method];
    expect((await api.ask(`${method} ${path}`, { as: 'main/reader' })).statusCode).toBe(status);
    expect((await api.ask(`${method} ${path}`, { as: 'main/nobody' })).statusCode).toBe(403);
  });
});

describe('R13 Options that are secrets, whose keys begin with credentials.', () => {
  const SECRET = 'hunter2 hunter2';
  const PATH = '/tenant/options/mail/credentials.password';
  const MASK = '<<Encrypted>>';

  it('are written and never shown, by no route, in no record, and by no tag', async () => {
    const answers = [
      await put(PATH, { value: SECRET }),
      await post({ category: 'mail', key: 'credentials.password', value: SECRET }),
      await put('/tenant/options/mail', { 'credentials.password': SECRET, host: 'x' }),
      ...(await Promise.all([PATH, '/tenant/options/mail', '/tenant/options'].map((path) => api.ask(`GET ${path}`, { as: 'main/admin' })))),
    ];
    for (const answer of answers) expect([answer.statusCode < 300, answer.body.includes(SECRET), answer.body.includes(MASK), answer.headers.etag]).toEqual([true, false, true, undefined]);
    expect(JSON.stringify([api.events, api.lines])).not.toContain(SECRET);
    expect(await api.tenants.option('main' as never, 'mail', 'credentials.password')).toBe(SECRET);
  });

  it('stay as they are where a client writes back what it was shown', async () => {
    await put(PATH, { value: SECRET });
    await put('/tenant/options/mail', await get('/tenant/options/mail'));
    await put(PATH, { value: MASK });
    expect(await api.tenants.option('main' as never, 'mail', 'credentials.password')).toBe(SECRET);
  });

  it('R09 meet no tag but *', async () => {
    await put(PATH, { value: SECRET });
    const ask = (ifMatch: string) => api.ask(`PUT ${PATH}`, { as: 'main/admin', payload: { value: 'new' }, headers: { 'if-match': ifMatch } });
    expect([(await ask('"x"')).statusCode, (await ask('*')).statusCode]).toEqual([412, 200]);
    expect((await api.ask(`DELETE ${PATH}`, { as: 'main/admin' })).statusCode).toBe(204);
  });
});

describe('System options', () => {
  it.each([[false, 'false'], [true, 'true']])('tell whether trust is shared: %s', async (sharing, value) => {
    const shared = await anApi({ sharing });
    const path = '/tenant/system/options/ssl/shared-truststore.enabled';
    expect((await shared.ask(`GET ${path}`, { as: 'main/registrar' })).json()).toEqual({ self: self(path), category: 'ssl', key: 'shared-truststore.enabled', value });
    await shared.close();
  });

  it('are listed, tell the version, and know no others', async () => {
    expect((await get('/tenant/system/options')).options.map(({ category, key, value }: Record<string, string>) => [category, key, value])).toEqual([
      ['ssl', 'shared-truststore.enabled', 'false'],
      ['system', 'version', '1.2.3'],
    ]);
    expect((await api.ask('GET /tenant/system/options/a/b', { as: 'main/admin' })).json()).toMatchObject({ error: 'options/Not Found', info: INFO });
    expect((await api.ask('PUT /tenant/system/options/ssl/shared-truststore.enabled', { as: 'management/admin', payload: { value: 'true' } })).statusCode).toBe(404);
    expect((await api.ask('GET /tenant/system/options', { as: 'main/nobody' })).statusCode).toBe(403);
    expect((await api.ask('GET /tenant/system/options')).statusCode).toBe(401);
  });
});

it('Whoever has not logged in is told how one does, the same for every tenant', async () => {
  const [mine, unknown] = [await api.ask('GET /tenant/loginOptions?tenantId=main'), await api.ask('GET /tenant/loginOptions?tenantId=atlantis')];
  expect([mine.statusCode, mine.json().loginOptions]).toEqual([200, [expect.objectContaining({ type: 'BASIC', userManagementSource: 'INTERNAL' })]]);
  expect(unknown.json()).toEqual(mine.json());
});

describe('Registration of devices with passwords', () => {
  const LIST = '/devicecontrol/newDeviceRequests';
  const ask = (route: `${string} ${string}`, payload?: object) => api.ask(route, { as: 'main/registrar', ...(payload && { payload }) });

  it('C08 is refused, and says what to do instead', async () => {
    const answer = await ask(`POST ${LIST}`, { id: 'press-7' });
    expect([answer.statusCode, answer.json().error]).toEqual([422, 'devicecontrol/Unprocessable Entity']);
    expect(answer.json().message).toMatch(/connect by certificate\. Register this one with POST \/devicecontrol\/bulkNewDeviceRequests/);
    expect((await ask('GET /fleetgate/devices')).json().devices).toEqual([]);
  });

  it('has an empty list, no limit, and nothing to accept', async () => {
    expect((await ask(`GET ${LIST}?pageSize=100&withTotalPages=true`)).json()).toEqual({
      self: self(`${LIST}?pageSize=100&currentPage=1&withTotalPages=true`), newDeviceRequests: [], statistics: { currentPage: 1, pageSize: 100, totalPages: 1 },
    });
    expect((await ask(`GET ${LIST}/limit`)).json()).toEqual({ isReached: false });
    expect([(await ask(`POST ${LIST}/acceptAll`)).statusCode, (await ask(`POST ${LIST}/acceptAll`)).json()]).toEqual([200, []]);
    expect((await ask(`GET ${LIST}?pageSize=0`)).statusCode).toBe(400);
  });

  it.each(['GET', 'PUT', 'DELETE'])('knows no request by any id: %s', async (method) => {
    const answer = await ask(`${method} ${LIST}/X%20y`, method === 'PUT' ? { status: 'ACCEPTED', type: 'x' } : undefined);
    expect([answer.statusCode, answer.json().error, answer.json().message]).toEqual([404, 'devicecontrol/Not Found', 'Could not find newDeviceRequest by ID X y']);
  });

  it('answers a device that asks for a password as the platform does before it is accepted, without looking at one', async () => {
    api.hasher.verify = () => Promise.reject(new Error('never'));
    const authorization = `Basic ${Buffer.from('management/devicebootstrap:Fhdt1bb1f').toString('base64')}`;
    for (let i = 0; i < 20; i++) {
      const answer = await api.ask('POST /devicecontrol/deviceCredentials', { headers: { authorization }, payload: { id: 'press-7' } });
      expect([answer.statusCode, answer.json().message]).toEqual([404, 'Could not find newDeviceRequest by ID that was sent']);
    }
    for (const payload of ['', '[]', 'null', '{"id":7}']) expect((await api.ask('POST /devicecontrol/deviceCredentials', { payload, headers: { 'content-type': 'application/json' } })).statusCode).toBe(404);
    expect((await api.ask('POST /devicecontrol/deviceCredentials', { payload: { id: 'x'.repeat(5000) } })).statusCode).toBe(413);
  });

  it.each([`GET ${LIST}`, `POST ${LIST}`, `GET ${LIST}/limit`, `POST ${LIST}/acceptAll`, `GET ${LIST}/x`, `PUT ${LIST}/x`, `DELETE ${LIST}/x`] as const)('is nothing for readers: %s', async (route) => {
    expect((await api.ask(route, { as: 'main/reader' })).statusCode).toBe(403);
  });
});
