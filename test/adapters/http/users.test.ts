import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aDevice, aDeviceId, aTenantId } from '../../support/certificate-builders.ts';
import { anApi, basic, INFO, PASSWORD, type Api } from './an-api.ts';

let api: Api;
beforeEach(async () => { api = await anApi(); });
afterEach(() => api.close());

const LIST = '/user/main/users';
const NEW = 'a long enough one';
const self = (path: string): string => `http://fleet.example.com${path}`;
const make = (userName: string, more: object = {}) => api.ask(`POST ${LIST}`, { as: 'main/admin', payload: { userName, password: NEW, ...more } });
const login = (user: string, password: string) => api.ask('GET /user/currentUser', { headers: { authorization: basic(`${user}:${password}`) } });

describe('Users of a tenant', () => {
  it('are made with roles and a password, and can log in at once', async () => {
    const answer = await make('ada', { displayName: 'Ada', email: 'ada@example.com', roles: ['ROLE_TENANT_ADMIN', 'ROLE_TENANT_ADMIN'], company: 'x' });
    const path = `${LIST}/ada`;
    expect([answer.statusCode, answer.headers.location]).toEqual([201, self(path)]);
    expect(answer.json()).toEqual({
      self: self(path), id: 'ada', userName: 'ada', displayName: 'Ada', firstName: '', lastName: '', email: 'ada@example.com', enabled: true, shouldResetPassword: false,
      lastPasswordChange: api.clock.now().toISOString(),
      roles: {
        self: self(`${path}/roles`),
        references: [{ self: self(`${path}/roles/ROLE_TENANT_ADMIN`), role: { self: self('/user/roles/ROLE_TENANT_ADMIN'), id: 'ROLE_TENANT_ADMIN', name: 'ROLE_TENANT_ADMIN' } }],
      },
      groups: { self: self(`${path}/groups`), references: [] }, customProperties: {}, devicePermissions: {},
    });
    expect((await api.ask(`GET ${path}`, { as: 'main/reader' })).json()).toEqual(answer.json());
    expect((await login('main/ada', NEW)).json()).toMatchObject({ userName: 'ada', displayName: 'Ada', effectiveRoles: [{ id: 'ROLE_TENANT_ADMIN' }] });
    expect(api.events).toEqual([{ what: 'user.added', tenant: 'main', by: 'main/admin', subject: 'ada' }]);
  });

  it('never show a password, nor its hash', async () => {
    const made = await make('ada');
    const shown = [made, await api.ask(`GET ${LIST}`, { as: 'main/admin' }), await api.ask(`GET ${LIST}/ada`, { as: 'main/admin' })].map(({ body }) => body).join();
    for (const secret of [NEW, 'hashed', 'passwordHash']) expect(shown).not.toContain(secret);
    expect(JSON.stringify([api.events, api.lines])).not.toContain(NEW);
  });

  it.each([
    ['a name that is taken', { userName: 'reader' }, 409, 'access.user-exists'],
    ['X26 the name of a device’s user', { userName: 'device_x' }, 422, 'access.unusable-name'],
    ['a name that would split a login', { userName: 'a:b' }, 422, 'access.unusable-name'],
    ['a name with an invisible letter', { userName: 'ad\u200ba' }, 422, 'access.unusable-name'],
    ['a password of seven letters', { password: '1234567' }, 422, 'access.unusable-password'],
    ['a role that is none', { roles: ['ROLE_EVERYTHING'] }, 422, 'access.unknown-role'],
    ['a display name of two lines', { displayName: 'a\nb' }, 422, 'access.unusable-text'],
    ['a mail address of 255 letters', { email: 'x'.repeat(255) }, 422, 'access.unusable-text'],
    ['no password', { password: undefined }, 400, undefined],
    ['no name', { userName: undefined }, 400, undefined],
    ['a name that is no text', { userName: 7 }, 400, undefined],
    ['enabled as a text', { enabled: 'true' }, 400, undefined],
    ['roles as a text', { roles: 'ROLE_TENANT_ADMIN' }, 400, undefined],
    ['a role without a name', { roles: [{}] }, 400, undefined],
    ['101 roles', { roles: Array.from({ length: 101 }, () => 'x') }, 400, undefined],
  ])('are not made with %s', async (_what, wish, status, code) => {
    const answer = await make('ada', wish);
    expect([answer.statusCode, answer.json().info, answer.json().details?.code]).toEqual([status, INFO, code]);
    expect(await api.administrators.find(aTenantId(), 'ada')).toBeUndefined();
  });

  it.each(['x', [], null])('are not made of %j', async (payload) => {
    expect((await api.ask(`POST ${LIST}`, { as: 'main/admin', payload: JSON.stringify(payload), headers: { 'content-type': 'application/json' } })).statusCode).toBe(400);
  });

  it('R08 are made once when two make one of a name at the same time', async () => {
    const answers = await Promise.all([make('ada'), make('ada')]);
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([201, 409]);
  });

  it('T16 are listed in pages, and by the beginning of their names: % and _ are letters', async () => {
    for (const name of ['a_1', 'a%', 'ab', 'abc']) await make(name);
    const list = async (query: string) => (await api.ask(`GET ${LIST}?${query}`, { as: 'main/reader' })).json();
    const names = async (query: string): Promise<string[]> => (await list(query)).users.map(({ id }: { id: string }) => id);
    expect(await names('pageSize=100')).toEqual(['a%', 'a_1', 'ab', 'abc', 'admin', 'keeper', 'nobody', 'reader', 'registrar', 'service', 'viewer']);
    expect([await names('username=ab'), await names('userName=a_'), await names('username=%25'), await names('username=_')]).toEqual([['ab', 'abc'], ['a_1'], [], []]);
    expect(await list('pageSize=4&currentPage=3&withTotalPages=true')).toMatchObject({ statistics: { currentPage: 3, pageSize: 4, totalPages: 3 }, prev: expect.stringContaining('currentPage=2') });
    expect(await names('pageSize=4&currentPage=3')).toEqual(['registrar', 'service', 'viewer']);
    expect(await names('onlyDevices=true')).toEqual([]);
  });

  it('T11 show nothing of one tenant on the page, by the search or under the link of another', async () => {
    for (const name of ['ada', 'adam', 'adele']) await make(name);
    const { next } = (await api.ask(`GET ${LIST}?pageSize=1&username=ad`, { as: 'main/admin' })).json();
    const replayed = (as: 'main/admin' | 'other/admin', path: string) => api.ask(`GET ${path}`, { as });
    const path = next.replace('http://fleet.example.com', '');
    expect((await replayed('main/admin', path)).json().users.map(({ id }: { id: string }) => id)).toEqual(['adam']);
    expect((await replayed('main/admin', path.replace('currentPage=2', 'currentPage=5'))).json()).toMatchObject({ users: [], prev: expect.stringContaining('username=ad') });
    expect((await replayed('other/admin', path)).statusCode).toBe(403);
    const there = await replayed('other/admin', path.replace('/main/', '/other/'));
    expect([there.statusCode, there.json().users]).toEqual([200, []]);
    expect((await api.ask('GET /user/other/users?username=ad', { as: 'other/admin' })).json().users.map(({ id }: { id: string }) => id)).toEqual(['admin']);
  });

  it.each(['pageSize=0', 'currentPage=x', 'username=a&username=b'])('R10 answer 400 to %s', async (query) => {
    expect((await api.ask(`GET ${LIST}?${query}`, { as: 'main/admin' })).statusCode).toBe(400);
  });

  it('change by what is given, and leave the rest', async () => {
    await make('ada', { email: 'a@example.com', roles: ['ROLE_TENANT_ADMIN'] });
    const put = await api.ask(`PUT ${LIST}/ada`, { as: 'main/admin', payload: { firstName: 'Ada', email: null, id: 'x', userName: 'y' } });
    expect([put.statusCode, put.json()]).toEqual([200, expect.objectContaining({ id: 'ada', firstName: 'Ada', email: 'a@example.com', enabled: true })]);
    const view = put.json();
    const again = await api.ask(`PUT ${LIST}/ada`, { as: 'main/admin', payload: { ...view, lastName: 'L' } });
    expect(again.json()).toEqual({ ...view, lastName: 'L' });
    expect(api.events.at(-1)).toMatchObject({ what: 'user.changed', subject: expect.stringContaining('ada (') });
  });

  it('are out with the next request once they are disabled or have another password', async () => {
    await make('ada');
    expect((await login('main/ada', NEW)).statusCode).toBe(200);
    await api.ask(`PUT ${LIST}/ada`, { as: 'main/admin', payload: { enabled: false } });
    expect([(await login('main/ada', NEW)).statusCode, (await login('main/ada', NEW)).json().message]).toEqual([401, 'Invalid credentials! : Bad credentials']);
    await api.ask(`PUT ${LIST}/ada`, { as: 'main/admin', payload: { enabled: true, password: 'another long one' } });
    expect([(await login('main/ada', NEW)).statusCode, (await login('main/ada', 'another long one')).statusCode]).toEqual([401, 200]);
    expect(JSON.stringify(api.events)).not.toContain('another long one');
    expect(api.events.at(-1)).toEqual({ what: 'user.changed', tenant: 'main', by: 'main/admin', subject: 'ada (enabled, password)' });
  });

  it('are removed, once', async () => {
    await make('ada');
    const remove = () => api.ask(`DELETE ${LIST}/ada`, { as: 'main/admin' });
    expect([(await remove()).statusCode, (await remove()).statusCode, (await login('main/ada', NEW)).statusCode]).toEqual([204, 404, 401]);
    expect(api.events.at(-1)).toEqual({ what: 'user.removed', tenant: 'main', by: 'main/admin', subject: 'ada' });
  });

  it.each([
    ['removed', 'DELETE', undefined],
    ['disabled', 'PUT', { enabled: false }],
    ['stripped of ROLE_TENANT_ADMIN', 'PUT', { roles: ['ROLE_TENANT_MANAGEMENT_ADMIN'] }],
  ])('keep the last of them who can put things right from being %s', async (_how, method, payload) => {
    const ask = () => api.ask(`${method} ${LIST}/admin`, { as: 'main/admin', ...(payload && { payload }) });
    const refused = await ask();
    expect([refused.statusCode, refused.json().error, refused.json().details.code]).toEqual([409, 'users/Conflict', 'access.last-administrator']);
    expect((await api.ask(`DELETE ${LIST}/admin/roles/ROLE_TENANT_ADMIN`, { as: 'main/admin' })).statusCode).toBe(409);
    await make('second', { roles: ['ROLE_TENANT_ADMIN'] });
    expect((await ask()).statusCode).toBeLessThan(300);
  });

  it.each(['nemo', '%25', 'READER', 'theirs', 'x'.repeat(3000)])('are unknown by any other name: %s', async (name) => {
    await api.ask('POST /user/other/users', { as: 'other/admin', payload: { userName: 'theirs', password: NEW } });
    for (const answer of [await api.ask(`GET ${LIST}/${name}`, { as: 'main/admin' }), await api.ask(`PUT ${LIST}/${name}`, { as: 'main/admin', payload: {} }), await api.ask(`DELETE ${LIST}/${name}`, { as: 'main/admin' })])
      expect([answer.statusCode, answer.json().error, answer.json().message]).toEqual([404, 'users/Not Found', `Could not find user with id: ${decodeURIComponent(name).slice(0, 64)}.`]);
  });

  it('of devices are shown, and changed by way of the device only', async () => {
    await api.devices.register(aDevice({ id: aDeviceId('press-7') }));
    await api.devices.register(aDevice({ tenant: aTenantId('other'), id: aDeviceId('theirs') }));
    const shown = await api.ask(`GET ${LIST}/device_press-7`, { as: 'main/reader' });
    expect([shown.statusCode, shown.json()]).toEqual([200, expect.objectContaining({ id: 'device_press-7', userName: 'device_press-7', self: self(`${LIST}/device_press-7`) })]);
    for (const stranger of ['device_theirs', 'device_', 'device_press-8']) expect((await api.ask(`GET ${LIST}/${stranger}`, { as: 'main/reader' })).statusCode).toBe(404);
    for (const answer of [await api.ask(`PUT ${LIST}/device_press-7`, { as: 'main/admin', payload: { enabled: false } }), await api.ask(`DELETE ${LIST}/device_press-7`, { as: 'main/admin' })])
      expect([answer.statusCode, answer.json().details.code]).toEqual([422, 'access.device-user']);
  });
});

describe('Roles', () => {
  it('are given and taken one at a time', async () => {
    await make('ada');
    const path = `${LIST}/ada/roles`;
    const give = (payload: object) => api.ask(`POST ${path}`, { as: 'main/admin', payload });
    const given = await give({ role: { self: self('/user/roles/ROLE_TENANT_ADMIN') } });
    expect([given.statusCode, given.headers.location, given.json().role.id]).toEqual([201, self(`${path}/ROLE_TENANT_ADMIN`), 'ROLE_TENANT_ADMIN']);
    await Promise.all([give({ role: { id: 'ROLE_DEVICE_CONTROL_ADMIN' } }), give({ role: { name: 'ROLE_TENANT_MANAGEMENT_READ' } })]);
    const roles = async (): Promise<string[]> => (await api.ask(`GET ${path}`, { as: 'main/reader' })).json().references.map(({ role }: { role: { id: string } }) => role.id).sort();
    expect(await roles()).toEqual(['ROLE_DEVICE_CONTROL_ADMIN', 'ROLE_TENANT_ADMIN', 'ROLE_TENANT_MANAGEMENT_READ']);
    expect((await api.ask(`DELETE ${path}/ROLE_TENANT_ADMIN`, { as: 'main/admin' })).statusCode).toBe(204);
    expect(await roles()).toEqual(['ROLE_DEVICE_CONTROL_ADMIN', 'ROLE_TENANT_MANAGEMENT_READ']);
    expect([(await give({ role: { id: 'ROLE_X' } })).statusCode, (await give({ role: {} })).statusCode, (await give([])).statusCode]).toEqual([422, 400, 400]);
  });

  it('act with the next request', async () => {
    await make('ada');
    const list = () => api.ask('GET /fleetgate/devices', { headers: { authorization: basic(`main/ada:${NEW}`) } });
    expect((await list()).statusCode).toBe(403);
    await api.ask(`POST ${LIST}/ada/roles`, { as: 'main/admin', payload: { role: { id: 'ROLE_DEVICE_CONTROL_ADMIN' } } });
    expect((await list()).statusCode).toBe(200);
  });

  it('are listed, and shown by name', async () => {
    const all = (await api.ask('GET /user/roles', { as: 'main/reader' })).json();
    expect(all.roles.map(({ id }: { id: string }) => id)).toEqual(['ROLE_TENANT_MANAGEMENT_ADMIN', 'ROLE_TENANT_MANAGEMENT_READ', 'ROLE_TENANT_ADMIN', 'ROLE_DEVICE_CONTROL_ADMIN', 'ROLE_TOKEN_SERVICE', 'ROLE_INVENTORY_READ', 'ROLE_INVENTORY_ADMIN']);
    expect((await api.ask('GET /user/roles/ROLE_TENANT_ADMIN', { as: 'main/reader' })).json()).toEqual(all.roles[2]);
    expect((await api.ask('GET /user/roles/ROLE_X', { as: 'main/reader' })).statusCode).toBe(404);
  });
});

describe('Who may see and change users', () => {
  const one = `${LIST}/reader`;
  it.each([
    ['main/admin', `GET ${LIST}`, 200],
    ['main/reader', `GET ${LIST}`, 200],
    ['main/registrar', `GET ${LIST}`, 403],
    ['main/nobody', `GET ${one}`, 403],
    ['main/reader', `GET ${one}`, 200],
    ['main/reader', `PUT ${one}`, 403],
    ['main/reader', `POST ${LIST}`, 403],
    ['main/reader', `DELETE ${one}`, 403],
    ['main/reader', `GET ${one}/roles`, 200],
    ['main/reader', `POST ${one}/roles`, 403],
    ['main/reader', `DELETE ${one}/roles/ROLE_TENANT_ADMIN`, 403],
    ['main/nobody', 'GET /user/roles', 403],
    ['other/admin', `GET ${LIST}`, 403],
    ['other/admin', `GET ${one}`, 403],
    ['other/admin', `POST ${LIST}`, 403],
    ['other/admin', `PUT ${one}`, 403],
    ['other/admin', `DELETE ${one}`, 403],
    ['other/admin', 'GET /user/atlantis/users', 403],
    ['management/admin', `GET ${LIST}`, 200],
    ['management/admin', `DELETE ${one}`, 204],
    ['management/admin', 'GET /user/atlantis/users', 404],
    ['management/admin', 'GET /user/%25/users/admin', 404],
  ] as const)('T08 %s asks %s and gets %i', async (as, route, status) => {
    expect((await api.ask(route, { as })).statusCode).toBe(status);
  });

  it('a user who may manage certificates but not users gives itself no role', async () => {
    await make('manager', { roles: ['ROLE_TENANT_MANAGEMENT_ADMIN'] });
    const headers = { authorization: basic(`main/manager:${NEW}`) };
    expect((await api.ask(`PUT ${LIST}/manager`, { headers, payload: { roles: ['ROLE_TENANT_ADMIN'] } })).statusCode).toBe(403);
    const own = await api.ask('PUT /user/currentUser', { headers, payload: { roles: ['ROLE_TENANT_ADMIN'], enabled: false, email: 'm@example.com' } });
    expect([own.statusCode, own.json().email, own.json().enabled, own.json().roles.references.length]).toEqual([200, 'm@example.com', true, 1]);
  });
});

describe('One’s own password', () => {
  const change = (payload: object, headers = { authorization: basic(`main/nobody:${PASSWORD}`) }) => api.ask('PUT /user/currentUser/password', { headers, payload });

  it('is changed by whoever knows the present one, whatever the roles, and acts at once', async () => {
    const answer = await change({ currentUserPassword: PASSWORD, newPassword: NEW });
    expect([answer.statusCode, answer.json().userName, answer.json().lastPasswordChange]).toEqual([200, 'nobody', api.clock.now().toISOString()]);
    expect([(await login('main/nobody', PASSWORD)).statusCode, (await login('main/nobody', NEW)).statusCode]).toEqual([401, 200]);
    expect(api.events).toEqual([{ what: 'user.changed', tenant: 'main', by: 'main/nobody', subject: 'nobody (password)' }]);
  });

  it.each([
    ['a wrong present one', { currentUserPassword: 'not this one', newPassword: NEW }, 422, 'access.wrong-present-password'],
    ['a new one that is too short', { currentUserPassword: PASSWORD, newPassword: 'short' }, 422, 'access.unusable-password'],
    ['no present one', { newPassword: NEW }, 400, undefined],
    ['no new one', { currentUserPassword: PASSWORD }, 400, undefined],
    ['nothing', [], 400, undefined],
  ])('is not changed with %s', async (_what, payload, status, code) => {
    const answer = await change(payload);
    expect([answer.statusCode, answer.json().details?.code]).toEqual([status, code]);
    expect((await login('main/nobody', PASSWORD)).statusCode).toBe(200);
  });

  it.each([[`PUT ${LIST}/admin`], ['PUT /user/currentUser']] as const)('is not changed without the present one: %s', async (route) => {
    const answer = await api.ask(route, { as: 'main/admin', payload: { password: NEW } });
    expect([answer.statusCode, answer.json().details.code]).toEqual([422, 'access.wrong-present-password']);
    expect((await login('main/admin', PASSWORD)).statusCode).toBe(200);
  });
});

describe('R09 A change of a user that somebody else changed meanwhile', () => {
  const etag = async (): Promise<string> => String((await api.ask(`GET ${LIST}/reader`, { as: 'main/admin' })).headers.etag);
  const put = (ifMatch: string, payload: object = { email: 'x' }) => api.ask(`PUT ${LIST}/reader`, { as: 'main/admin', payload, headers: { 'if-match': ifMatch } });

  it('is refused with 412, and undoes nothing', async () => {
    const tag = await etag();
    const first = await put(tag);
    expect([first.statusCode, first.headers.etag]).toEqual([200, await etag()]);
    const second = await put(tag, { email: 'y' });
    expect([second.statusCode, second.json().error, second.json().details.code]).toEqual([412, 'general/Precondition Failed', 'access.changed-meanwhile']);
    expect((await api.ask(`DELETE ${LIST}/reader`, { as: 'main/admin', headers: { 'if-match': tag } })).statusCode).toBe(412);
    expect((await api.ask(`GET ${LIST}/reader`, { as: 'main/admin' })).json().email).toBe('x');
    expect((await api.ask(`DELETE ${LIST}/reader`, { as: 'main/admin', headers: { 'if-match': await etag() } })).statusCode).toBe(204);
  });

  it('is decided at the moment of the write: of two who read the same, one wins', async () => {
    const tag = await etag();
    const answers = await Promise.all(['a', 'b', 'c'].map((email) => put(tag, { email })));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 412, 412]);
  });

  it('shows after a new password too', async () => {
    const tag = await etag();
    api.clock.advance(1);
    await put('*', { password: NEW });
    expect((await put(tag)).statusCode).toBe(412);
  });

  it.each([
    ['*', 200],
    ['"x", TAG', 200],
    ['TAG', 200],
    ['W/TAG', 412],
    ['"x"', 412],
    ['', 412],
    ['x', 412],
  ])('If-Match: %s means %i', async (header, status) => {
    expect((await put(header.replace('TAG', await etag()))).statusCode).toBe(status);
  });
});
