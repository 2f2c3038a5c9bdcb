import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { grant } from '../../../src/domain/shared/decision.ts';
import { TakeReports } from '../../../src/domain/usecases/take-reports.ts';
import { aDevice, aDeviceId, anObject } from '../../support/certificate-builders.ts';
import { keyBlock } from '../../support/key-armour.ts';
import { aRoot } from '../../support/pki.ts';
import { anApi, INFO, type Api } from './an-api.ts';

const OBJECTS = '/inventory/managedObjects';
const HOST = 'http://fleet.example.com';
type Answer = Awaited<ReturnType<Api['ask']>>;
type As = { as: 'main/admin' | 'other/admin' | 'main/viewer' | 'main/keeper' | 'main/nobody' | 'main/registrar' } | { bearer: string };

let api: Api;
let press: { bearer: string };
let pump: { bearer: string };
beforeEach(async () => {
  api = await anApi();
  const fingerprint = await api.trust(await aRoot());
  press = { bearer: await api.tokenBy({ fingerprint }) };
  pump = { bearer: await api.tokenBy({ fingerprint }, 'pump-1') };
  api.events.length = 0;
});
afterEach(() => api.close());

const admin: As = { as: 'main/admin' };
const create = (who: As, payload: object = {}): Promise<Answer> => api.ask(`POST ${OBJECTS}`, { ...who, payload });
const created = async (who: As, payload: object = {}): Promise<string> => {
  const answer = await create(who, payload);
  expect(answer.statusCode).toBe(201);
  return (answer.json() as { id: string }).id;
};
const problem = (answer: Answer): readonly unknown[] => [answer.statusCode, answer.json().error, answer.json().message];
const unknownObject = (id: string): readonly unknown[] => [404, 'inventory/Not Found', `Finding device data from database failed : No managedObject for id '${id}'!`];
const serialsOf = async (id: string, who: As, ...serials: string[]): Promise<readonly number[]> =>
  Promise.all(serials.map(async (externalId) => (await api.ask(`POST /identity/globalIds/${id}/externalIds`, { ...who, payload: { type: 'c8y_Serial', externalId } })).statusCode));

describe('A managed object', () => {
  it('is created by a device, which owns it, and has the members of the compatible API', async () => {
    const answer = await create(press, { name: 'Press 7', type: 'press', c8y_IsDevice: {}, owner: 'admin', id: '5', self: 'x', creationTime: 'x', childDevices: 1 });
    const { id } = answer.json() as { id: string };
    const self = `${HOST}${OBJECTS}/${id}`;
    expect([answer.statusCode, answer.headers.location, answer.json()]).toEqual([
      201,
      self,
      {
        id: expect.stringMatching(/^\d{15}$/), self, owner: 'device_press-7', name: 'Press 7', type: 'press', c8y_IsDevice: {},
        creationTime: api.clock.now().toISOString(), lastUpdated: api.clock.now().toISOString(),
        childDevices: { self: `${self}/childDevices` }, childAssets: { self: `${self}/childAssets` }, childAdditions: { self: `${self}/childAdditions` },
      },
    ]);
    expect((await api.ask(`GET ${OBJECTS}/${id}`, press)).json()).toEqual(answer.json());
    expect(api.events).toEqual([{ what: 'object.created', tenant: 'main', by: 'main/device_press-7', subject: id }]);
  });

  it('says whose it is', async () => {
    const id = await created(press);
    const answer = await api.ask(`GET ${OBJECTS}/${id}/user`, { as: 'main/viewer' });
    expect(answer.json()).toEqual({ self: `${HOST}${OBJECTS}/${id}/user`, userName: 'device_press-7' });
  });

  it.each(['application/vnd.com.nsn.cumulocity.managedObject+json;ver=0.9;charset=UTF-8', 'application/vnd.com.nsn.cumulocity.managedobject+json'])(
    'is taken and given as %s',
    async (type) => {
      const answer = await api.ask(`POST ${OBJECTS}`, { ...press, payload: '{"name":"x"}', headers: { 'content-type': type, accept: type } });
      expect([answer.statusCode, answer.json().name]).toEqual([201, 'x']);
    },
  );

  it('is created without an answer where none is accepted', async () => {
    const answer = await api.app.inject({ method: 'POST', url: OBJECTS, payload: {}, headers: { authorization: `Bearer ${press.bearer}` } });
    expect([answer.statusCode, answer.body, answer.headers.location]).toEqual([201, '', expect.stringContaining(OBJECTS)]);
  });

  it('changes what is sent and keeps what is not; null takes a fragment away', async () => {
    const id = await created(press, { name: 'Press', a: { x: 1, y: 2 }, b: 1 });
    api.clock.advance(5_000);
    const answer = await api.ask(`PUT ${OBJECTS}/${id}`, { ...press, payload: { type: 'press', a: { x: 3 }, b: null, c: [] } });
    expect([answer.statusCode, answer.json()]).toMatchObject([200, { name: 'Press', type: 'press', a: { x: 3 }, c: [], lastUpdated: api.clock.now().toISOString() }]);
    expect(Object.keys(answer.json() as object)).not.toContain('b');
    expect((await api.ask(`GET ${OBJECTS}/${id}`, press)).json()).toEqual(answer.json());
  });

  it('R09 loses nothing of ten changes at once', async () => {
    const id = await created(press);
    const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => api.ask(`PUT ${OBJECTS}/${id}`, { ...press, payload: { [`f${i}`]: i } })));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array(10).fill(200));
    expect(Object.keys((await api.ask(`GET ${OBJECTS}/${id}`, press)).json() as object).filter((name) => /^f\d$/.test(name))).toHaveLength(10);
  });

  it('is deleted with its external ids', async () => {
    const id = await created(press);
    expect(await serialsOf(id, press, 'press-7')).toEqual([201]);
    const deleted = await api.ask(`DELETE ${OBJECTS}/${id}`, press);
    expect([deleted.statusCode, deleted.body]).toEqual([204, '']);
    expect(problem(await api.ask(`GET ${OBJECTS}/${id}`, press))).toEqual(unknownObject(id));
    expect((await api.ask('GET /identity/externalIds/c8y_Serial/press-7', press)).statusCode).toBe(404);
    expect(api.events.at(-1)).toEqual({ what: 'object.removed', tenant: 'main', by: 'main/device_press-7', subject: id });
  });

  it.each(['5', '0', 'abc', '%F0%9F%98%80', '1'.repeat(300), '../x', '__proto__'])('is unknown under the id %s', async (id) => {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const answer = await api.ask(`${method} ${OBJECTS}/${encodeURIComponent(decodeURIComponent(id))}`, { ...admin, ...(method === 'PUT' && { payload: {} }) });
      expect(problem(answer)).toEqual(unknownObject(decodeURIComponent(id).slice(0, 64)));
    }
  });

  it.each<[string, unknown, number, string | undefined]>([
    ['a list', [], 400, undefined],
    ['null', null, 400, undefined],
    ['a name that is a number', { name: 5 }, 400, undefined],
    ['an owner that is null', { owner: null }, 400, undefined],
    ['a name of 255 characters', { name: 'x'.repeat(255) }, 422, 'inventory.unusable-text'],
    ['a type with a line break', { type: 'a\nb' }, 422, 'inventory.unusable-text'],
    ['17 KiB', { a: 'x'.repeat(17_000) }, 422, 'inventory.object-too-large'],
    ['101 fragments', Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`f${i}`, 1])), 422, 'inventory.object-too-large'],
    ['nesting nine deep', { a: [[[[[[[[[1]]]]]]]]] }, 422, 'inventory.unusable-fragment'],
    ['a name of a fragment with a control character', { 'a\u0001': 1 }, 422, 'inventory.unusable-fragment'],
  ])('is refused, new or changed: %s', async (_what, payload, status, code) => {
    const id = await created(admin);
    const headers = { 'content-type': 'application/json' };
    for (const route of [`POST ${OBJECTS}`, `PUT ${OBJECTS}/${id}`] as const) {
      const answer = await api.ask(route, { ...admin, headers, payload: JSON.stringify(payload) });
      expect([answer.statusCode, answer.json().details?.code, answer.json().info]).toEqual([status, code, INFO]);
    }
  });

  it('R02 has no member __proto__, whoever sends one', async () => {
    const answer = await api.ask(`POST ${OBJECTS}`, { ...admin, headers: { 'content-type': 'application/json' }, payload: '{"a":{"__proto__":{"x":1}},"__proto__":{"y":1},"constructor":{"z":1}}' });
    expect([answer.statusCode, answer.body.includes('__proto__'), answer.json().a, answer.json().y]).toEqual([201, false, {}, undefined]);
  });
});

describe('T09 An object of somebody else', () => {
  const ways = (id: string): readonly (readonly [`${string} ${string}`, object?])[] => [
    [`GET ${OBJECTS}/${id}`], [`GET ${OBJECTS}/${id}/user`], [`PUT ${OBJECTS}/${id}`, {}], [`DELETE ${OBJECTS}/${id}`],
    [`GET ${OBJECTS}/${id}/childDevices`], [`POST ${OBJECTS}/${id}/childDevices`, { managedObject: { id } }],
    [`GET /identity/globalIds/${id}/externalIds`], [`POST /identity/globalIds/${id}/externalIds`, { type: 'a', externalId: 'b' }],
    ['POST /event/events', { type: 'a', time: '2026-11-24T12:00:00Z', text: 'x', source: { id } }],
  ];

  it.each([['another device', () => pump], ['an administrator of another tenant', (): As => ({ as: 'other/admin' })]])('is to %s as none at all, in the same words', async (_who, who) => {
    const id = await created(press, { name: 'secret' });
    const nobodys = '999999999999999';
    const none = ways(nobodys);
    for (const [i, [route, payload]] of ways(id).entries()) {
      const [noneRoute, nonePayload] = none[i]!;
      const foreign = await api.ask(route, { ...who(), ...(payload && { payload }) });
      const missing = await api.ask(noneRoute, { ...who(), ...(nonePayload && { payload: nonePayload }) });
      expect([route, problem(foreign)]).toEqual([route, unknownObject(id)]);
      expect(foreign.body.replaceAll(id, nobodys)).toBe(missing.body);
    }
    expect((await api.ask(`GET ${OBJECTS}/${id}`, press)).json().name).toBe('secret');
    expect(api.messages).toEqual([]);
  });

  it('is in no list of a device, nor found by its external id, nor its external id taken away', async () => {
    const id = await created(press);
    await serialsOf(id, press, 'press-7');
    for (const query of ['', '?owner=device_press-7', `?ids=${id}`]) expect((await api.ask(`GET ${OBJECTS}${query}`, pump)).json().managedObjects).toEqual([]);
    const missing = [404, 'identity/Not Found', 'External id not found; external id = ID [type=c8y_Serial, value=press-7]'];
    for (const who of [pump, { as: 'other/admin' } as const]) {
      expect(problem(await api.ask('GET /identity/externalIds/c8y_Serial/press-7', who))).toEqual(missing);
      expect(problem(await api.ask('DELETE /identity/externalIds/c8y_Serial/press-7', who))).toEqual(missing);
    }
    expect((await api.ask('GET /identity/externalIds/c8y_Serial/press-7', press)).statusCode).toBe(200);
  });

  it('R13 is not shown again where a body names a key in the place of an id', async () => {
    const own = await created(press);
    const key = keyBlock();
    const unknown = unknownObject(`a text of ${key.length} characters`);
    for (const kind of ['childDevices', 'childAssets', 'childAdditions'])
      expect(problem(await api.ask(`POST ${OBJECTS}/${own}/${kind}`, { ...press, payload: { managedObject: { id: key } } }))).toEqual(unknown);
    const event = { type: 'a', time: '2026-11-24T12:00:00Z', text: 'x', source: { id: key } };
    const answer = await api.ask('POST /event/events', { ...press, payload: event });
    expect([problem(answer), answer.body.includes('PRIVATE')]).toEqual([unknown, false]);
  });

  it('is no child of one’s own', async () => {
    const [own, foreign] = [await created(press), await created(pump)];
    expect(problem(await api.ask(`POST ${OBJECTS}/${own}/childDevices`, { ...press, payload: { managedObject: { id: foreign } } }))).toEqual(unknownObject(foreign));
    await api.ask(`POST ${OBJECTS}/${own}/childDevices`, { ...admin, payload: { managedObject: { id: foreign } } });
    expect((await api.ask(`GET ${OBJECTS}/${own}/childDevices`, press)).json().references).toEqual([]);
  });

  it('stays what it is: a device gives nothing away and takes nothing', async () => {
    const id = await created(press);
    const answer = await api.ask(`PUT ${OBJECTS}/${id}`, { ...press, payload: { owner: 'device_pump-1' } });
    expect(problem(answer)).toEqual([403, 'security/Forbidden', 'Access is denied.']);
    expect((await api.ask(`PUT ${OBJECTS}/${id}`, { ...press, payload: { owner: 'device_press-7' } })).statusCode).toBe(200);
    const given = await api.ask(`PUT ${OBJECTS}/${id}`, { ...admin, payload: { owner: 'device_pump-1' } });
    expect([given.statusCode, (await api.ask(`GET ${OBJECTS}/${id}`, pump)).statusCode, (await api.ask(`GET ${OBJECTS}/${id}`, press)).statusCode]).toEqual([200, 200, 404]);
  });

  it('a device owns a hundred objects and no more', async () => {
    const answers = await Promise.all(Array.from({ length: 101 }, () => create(press)));
    expect(answers.filter(({ statusCode }) => statusCode === 201)).toHaveLength(100);
    expect(answers.find(({ statusCode }) => statusCode !== 201)!.json()).toMatchObject({ details: { code: 'inventory.too-many-objects' } });
    expect([(await create(pump)).statusCode, (await create(admin, { owner: 'device_press-7' })).statusCode]).toEqual([201, 201]);
  });
});

describe('Roles of administrators', () => {
  it.each<[`${string} ${string}`, object | undefined, readonly number[]]>([
    [`GET ${OBJECTS}`, undefined, [200, 200, 403, 403, 401]],
    [`POST ${OBJECTS}`, {}, [403, 201, 403, 403, 401]],
    [`PUT ${OBJECTS}/5`, {}, [403, 404, 403, 403, 401]],
    [`DELETE ${OBJECTS}/5`, undefined, [403, 404, 403, 403, 401]],
    ['GET /identity/externalIds/a/b', undefined, [404, 404, 403, 403, 401]],
    ['POST /identity/globalIds/5/externalIds', { type: 'a', externalId: 'b' }, [403, 404, 403, 403, 401]],
    ['GET /devicecontrol/operations', undefined, [200, 200, 403, 200, 401]],
    ['POST /event/events', {}, [403, 422, 403, 403, 401]],
  ])('decide on %s: viewer, keeper, nobody, registrar, none', async (route, payload, expected) => {
    const askers = [{ as: 'main/viewer' }, { as: 'main/keeper' }, { as: 'main/nobody' }, { as: 'main/registrar' }, {}] as const;
    const statuses = [];
    for (const who of askers) statuses.push((await api.ask(route, { ...who, ...(payload && { payload }) })).statusCode);
    expect(statuses).toEqual(expected);
  });

  it('an administrator owns what it creates, unless it names somebody else', async () => {
    const answers = [await create({ as: 'main/keeper' }), await create({ as: 'main/keeper' }, { owner: 'device_x' })];
    expect(answers.map((answer) => answer.json().owner)).toEqual(['keeper', 'device_x']);
    expect((await create({ as: 'main/keeper' }, { owner: '' })).json()).toMatchObject({ details: { code: 'inventory.unusable-text' } });
  });
});

describe('Lists of objects', () => {
  const names = async (query: string, who: As = admin): Promise<readonly string[]> =>
    ((await api.ask(`GET ${OBJECTS}?pageSize=100&${query}`, who)).json().managedObjects as { name: string }[]).map(({ name }) => name).sort();

  it('filter by type, owner, fragment, text and ids, all at once', async () => {
    const one = await created(press, { name: 'One', type: 'press', c8y_IsDevice: {} });
    await created(pump, { name: 'Two', type: 'pump', c8y_IsDevice: {} });
    await created(admin, { name: 'Group & one', type: 'c8y_DeviceGroup' });
    expect([await names(''), await names('', press)]).toEqual([['Group & one', 'One', 'Two'], ['One']]);
    expect([await names('type=pump'), await names('fragmentType=c8y_IsDevice'), await names('owner=admin'), await names('text=ONE')]).toEqual([['Two'], ['One', 'Two'], ['Group & one'], ['Group & one', 'One']]);
    expect([await names('fragmentType=c8y_IsDevice&type=press'), await names('type=x'), await names(`ids=${one},5,,abc,${one}`)]).toEqual([['One'], [], ['One']]);
    expect(await names('unknown=1&withParents=true&type=')).toHaveLength(3);
  });

  it('come in pages whose links keep the filters', async () => {
    for (let i = 0; i < 3; i += 1) await created(admin, { type: 'a & b', name: `n${i}` });
    await created(admin, { type: 'c' });
    const first = (await api.ask(`GET ${OBJECTS}?type=a%20%26%20b&pageSize=2&withTotalPages=true`, admin)).json();
    expect(first.statistics).toEqual({ currentPage: 1, pageSize: 2, totalPages: 2 });
    expect(first.next).toBe(`${HOST}${OBJECTS}?pageSize=2&currentPage=2&type=a%20%26%20b&withTotalPages=true`);
    const second = (await api.ask(`GET ${String(first.next).slice(HOST.length)}`, admin)).json();
    expect([second.managedObjects.length, second.next, second.prev]).toEqual([1, undefined, expect.stringContaining('currentPage=1')]);
    expect(new Set([...first.managedObjects, ...second.managedObjects].map(({ id }: { id: string }) => id)).size).toBe(3);
    const uncounted = (await api.ask(`GET ${OBJECTS}?pageSize=2`, admin)).json();
    expect([uncounted.statistics, typeof uncounted.next]).toEqual([{ currentPage: 1, pageSize: 2 }, 'string']);
    expect((await api.ask(`GET ${OBJECTS}?pageSize=2&withTotalElements=true`, admin)).json().statistics.totalElements).toBe(4);
  });

  it.each([
    ['R10 a page of nothing', 'pageSize=0'], ['R10 a page too large', 'pageSize=2001'], ['R10 a page before the first', 'currentPage=0'],
    ['two types', 'type=a&type=b'], ['a text of 255 characters', `text=${'x'.repeat(255)}`], ['101 ids', `ids=${Array(101).fill('5').join(',')}`],
    ['the query language, which would otherwise be taken for everything', `query=$filter=(name eq 'x')`], ['roots only', 'onlyRoots=true'],
  ])('refuse %s', async (_what, query) => {
    const answer = await api.ask(`GET ${OBJECTS}?${encodeURI(query).replaceAll('$', '%24')}` as `GET ${string}`, admin);
    expect([answer.statusCode, answer.json().error]).toEqual([400, 'general/Bad Request']);
  });

  it('R10 are empty behind their end', async () => {
    await created(admin);
    const answer = (await api.ask(`GET ${OBJECTS}?currentPage=1000000&pageSize=2000`, admin)).json();
    expect([answer.managedObjects, answer.next]).toEqual([[], undefined]);
  });
});

describe('External ids', () => {
  it('find the object, and are listed', async () => {
    const id = await created(press);
    const payload = { type: 'c8y_Serial', externalId: 'a/b é' };
    const answer = await api.ask(`POST /identity/globalIds/${id}/externalIds`, { ...press, payload, headers: { 'content-type': 'application/vnd.com.nsn.cumulocity.externalid+json' } });
    const self = `${HOST}/identity/externalIds/c8y_Serial/${encodeURIComponent('a/b é')}`;
    const view = { self, externalId: 'a/b é', type: 'c8y_Serial', managedObject: { id, self: `${HOST}${OBJECTS}/${id}` } };
    expect([answer.statusCode, answer.headers.location, answer.json()]).toEqual([201, self, view]);
    expect((await api.ask(`GET ${self.slice(HOST.length)}`, press)).json()).toEqual(view);
    expect((await api.ask(`GET /identity/globalIds/${id}/externalIds`, press)).json()).toEqual({ self: `${HOST}/identity/globalIds/${id}/externalIds`, externalIds: [view] });
    expect((await api.ask(`DELETE ${self.slice(HOST.length)}`, press)).statusCode).toBe(204);
    expect((await api.ask(`GET ${self.slice(HOST.length)}`, press)).statusCode).toBe(404);
  });

  it('R08 are given once, however often and to whom at once', async () => {
    const [one, two] = [await created(press), await created(admin)];
    const answers = [...(await serialsOf(one, press, 'a', 'a')), ...(await serialsOf(two, admin, 'a'))];
    expect([...answers].sort()).toEqual([201, 409, 409]);
  });

  it('D-34 of a registered device are given by no other device', async () => {
    const id = await created(press);
    await api.devices.register(aDevice({ id: aDeviceId('drill-3') }));
    expect(await serialsOf(id, press, 'drill-3', 'pump-1', 'child-of-press', 'press-7')).toEqual([409, 409, 201, 201]);
    expect(await serialsOf(id, admin, 'drill-3')).toEqual([201]);
  });

  it.each<[string, unknown, number]>([
    ['no JSON object', [], 400], ['no type', { externalId: 'a' }, 400], ['a number', { type: 'a', externalId: 5 }, 400],
    ['an empty text', { type: 'a', externalId: '' }, 422], ['255 characters', { type: 'a', externalId: 'x'.repeat(255) }, 422], ['a type of Fleetgate’s own', { type: 'fleetgate_Path', externalId: 'a' }, 422],
  ])('are refused: %s', async (_what, payload, status) => {
    const id = await created(admin);
    expect((await api.ask(`POST /identity/globalIds/${id}/externalIds`, { ...admin, payload: payload as object })).statusCode).toBe(status);
  });

  it('are at most twenty of an object', async () => {
    const id = await created(admin);
    const answers = await serialsOf(id, admin, ...Array.from({ length: 21 }, (_, i) => `s${i}`));
    expect(answers).toEqual([...Array<number>(20).fill(201), 422]);
  });
});

describe('Children', () => {
  it('are added once, and listed page by page', async () => {
    const [parent, ...children] = [await created(press), await created(press, { name: 'a' }), await created(press, { name: 'b' })];
    const add = (id: unknown): Promise<Answer> => api.ask(`POST ${OBJECTS}/${parent}/childDevices`, { ...press, payload: { managedObject: { id } } });
    const answers = [await add(children[0]), await add(children[0]), await add(Number(children[1]))];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([201, 201, 201]);
    expect(answers[0]!.json()).toMatchObject({ self: `${HOST}${OBJECTS}/${parent}/childDevices/${children[0]}`, managedObject: { id: children[0], name: 'a' } });
    const page = (await api.ask(`GET ${OBJECTS}/${parent}/childDevices?pageSize=1`, press)).json();
    expect([page.references.length, page.references[0].managedObject.id, typeof page.next]).toEqual([1, [...children].sort()[0], 'string']);
    expect((await api.ask(`GET ${OBJECTS}/${parent}/childAssets`, press)).json().references).toEqual([]);
  });

  it.each([[{}, 400], [[], 400], [{ managedObject: null }, 400], [{ managedObject: { id: true } }, 400], [{ managedObject: { id: 'x' } }, 404]])('%j is none', async (payload, status) => {
    const id = await created(admin);
    expect((await api.ask(`POST ${OBJECTS}/${id}/childAssets`, { ...admin, payload })).statusCode).toBe(status);
  });

  it('none is a child of itself', async () => {
    const id = await created(admin);
    const answer = await api.ask(`POST ${OBJECTS}/${id}/childAssets`, { ...admin, payload: { managedObject: { id } } });
    expect([answer.statusCode, answer.json().details.code]).toEqual([422, 'inventory.own-child']);
  });
});

describe('Operations', () => {
  it('are an empty list, as agents ask for them', async () => {
    const answer = await api.ask('GET /devicecontrol/operations?status=EXECUTING&deviceId=5&withTotalPages=true', press);
    expect([answer.statusCode, answer.json()]).toEqual([200, { self: expect.any(String), operations: [], statistics: { currentPage: 1, pageSize: 5, totalPages: 1 } }]);
  });

  it.each(['GET', 'PUT'])('are unknown one by one: %s', async (method) => {
    const answer = await api.ask(`${method} /devicecontrol/operations/12`, { ...press, ...(method === 'PUT' && { payload: { status: 'SUCCESSFUL' } }) });
    expect(problem(answer)).toEqual([404, 'devicecontrol/Not Found', `Finding device data from database failed : No operation for gid '12'!`]);
  });
});

describe('Events, alarms and measurements', () => {
  const TIME = '2026-11-24T12:00:00.000+01:00';
  const event = (id: string): Record<string, unknown> => ({ type: 'c8y_Door', time: TIME, text: 'opened', source: { id }, c8y_Extra: { a: 1 } });

  it.each([
    ['/event/events', 'event/events/create', {}],
    ['/alarm/alarms', 'alarm/alarms/create', { severity: 'MAJOR', status: 'ACTIVE' }],
    ['/measurement/measurements', 'measurement/measurements/create', { text: undefined }],
  ])('%s goes where messages of the device go', async (path, topic, more) => {
    const id = await created(press);
    const payload = { ...event(id), ...more };
    const answer = await api.ask(`POST ${path}`, { ...press, payload });
    const self = `${HOST}${path}/${answer.json().id}`;
    expect([answer.statusCode, answer.headers.location, answer.json()]).toEqual([201, self, { ...payload, id: expect.stringMatching(/^\d{15}$/), self, creationTime: api.clock.now().toISOString() }]);
    const [message] = api.messages;
    expect({ ...message, payload: JSON.parse(Buffer.from(message!.payload).toString()) }).toEqual({ tenant: 'main', device: 'press-7', topic, isWill: false, payload: { ...payload, id: answer.json().id } });
  });

  it('of an administrator are those of the device that owns the source', async () => {
    const id = await created(pump);
    expect((await api.ask('POST /event/events', { ...admin, payload: event(id) })).statusCode).toBe(201);
    expect(api.messages[0]!.device).toBe('pump-1');
    const group = await created(admin);
    const refused = await api.ask('POST /event/events', { ...admin, payload: event(group) });
    expect([refused.statusCode, refused.json().details]).toMatchObject([422, { code: 'inventory.unusable-report', evidence: { 'source.id': 'belongs to no device' } }]);
  });

  it.each<[string, object, string]>([
    ['no type', { type: undefined }, 'type'], ['an empty type', { type: '' }, 'type'], ['no text', { text: undefined }, 'text'], ['a text that is none', { text: 5 }, 'text'],
    ['no time', { time: undefined }, 'time'], ['a time without a zone', { time: '2026-11-24T12:00:00' }, 'time'], ['a time that never was', { time: '2026-13-24T12:00:00Z' }, 'time'],
    ['no source', { source: undefined }, 'source.id'], ['a source without id', { source: {} }, 'source.id'], ['a source that is a text', { source: 'x' }, 'source.id'],
  ])('are refused where they have %s', async (_what, change, member) => {
    const payload = { ...event(await created(press)), ...change };
    const answer = await api.ask('POST /event/events', { ...press, payload });
    expect([answer.statusCode, answer.json().details]).toMatchObject([422, { code: 'inventory.unusable-report', evidence: { member } }]);
    expect(api.messages).toEqual([]);
  });

  it('an alarm needs a severity that there is', async () => {
    const payload = { ...event(await created(press)), severity: 'LOUD' };
    expect((await api.ask('POST /alarm/alarms', { ...press, payload })).json().details).toMatchObject({ evidence: { member: 'severity' } });
  });

  it('are refused where they are too large or too deep', async () => {
    const id = await created(press);
    const codes = [];
    for (const more of [{ a: 'x'.repeat(17_000) }, { a: [[[[[[[[[1]]]]]]]]] }]) codes.push((await api.ask('POST /event/events', { ...press, payload: { ...event(id), ...more } })).json().details.code);
    expect(codes).toEqual(['inventory.object-too-large', 'inventory.unusable-fragment']);
  });

  it('are not taken while the sink is out of order', async () => {
    const broken = await anApi({ replace: { reports: { take: async () => { throw new Error('disk full'); } } } });
    expect((await broken.ask('POST /event/events', { as: 'main/admin', payload: {} })).statusCode).toBe(503);
    await broken.close();
  });

  it('D-69 are answered 503 where there is no room for them, with the time to come again', async () => {
    const full = new TakeReports({ inventory: { find: async () => grant(anObject({ owner: 'device_press-7' })) }, sink: { accept: async () => 'full' }, identifiers: { next: () => '1' } });
    const narrow = await anApi({ replace: { reports: full } });
    const answer = await narrow.ask('POST /event/events', { as: 'main/admin', payload: event('1') });
    expect([answer.statusCode, answer.headers['retry-after'], answer.json().details.code]).toEqual([503, '10', 'inventory.no-room-for-report']);
    await narrow.close();
  });

  it.each([['multipart/form-data; boundary=x', '--x--'], ['application/octet-stream', 'bytes'], ['image/png', 'x'.repeat(2_000_000)]])('take no files, and say so whatever is sent: %s', async (type, payload) => {
    const answer = await api.ask('POST /event/events/5/binaries', { ...press, payload, headers: { 'content-type': type } });
    expect(problem(answer)).toEqual([404, 'event/Not Found', expect.stringContaining('no file can be attached')]);
  });
});
