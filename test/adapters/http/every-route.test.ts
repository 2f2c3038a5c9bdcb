import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { nameOf, type Target } from '../../fuzz/api-document.ts';
import { keyBlock } from '../../support/key-armour.ts';
import { basic, PASSWORD } from './an-api.ts';
import { everything, isClosed, isGuarded, jsonBodyOf, listening, membersOf, pathOf, told, type Everything, type Listening } from './every-route.ts';

/** Tests over every route of the document: a route that is added is in them without a line here. */
let api: Everything;
beforeEach(async () => {
  api = await everything();
});
afterEach(() => api.close());

const ask = (target: Target, path: string, more: Parameters<Everything['ask']>[1] = {}) => api.ask(`${target.method} ${path}`, more);
const withParameter = (name: string): readonly Target[] => api.targets.filter(({ path }) => path.includes(`{${name}}`));

describe('Every route', () => {
  it('T08 that names a tenant is 403 to a device and an administrator of another, whether that tenant is there or not', async () => {
    const named = withParameter('tenant');
    expect(named.length).toBeGreaterThan(10);
    const events = api.events.length;
    for (const target of named) {
      for (const more of [{ bearer: api.token }, { as: 'main/admin' }, { as: 'main/admin', headers: { host: 'other.example.com' } }] as const) {
        const answers = [];
        for (const tenant of ['other', 'nowhere', 'management', 'main%2f', 'MAIN']) answers.push(told(await ask(target, pathOf(target, api.theirs(target.path)).replace('tenants/x', `tenants/${tenant}`).replace('user/x/', `user/${tenant}/`), more)));
        expect([nameOf(target), new Set(answers.map(([status, body]) => `${String(status)} ${String(body)}`))]).toEqual([nameOf(target), new Set([expect.stringMatching(/^403 \{"error":"security\/Forbidden","message":"Access is denied\."/)])]);
      }
    }
    expect(api.events).toHaveLength(events);
  });

  it('T09 that names a thing says of one of another tenant what it says of none, and leaves it as it is', async () => {
    const things = [...withParameter('id'), ...withParameter('fingerprint'), ...withParameter('externalId'), ...withParameter('name')];
    expect(things.length).toBeGreaterThan(20);
    const never = { fingerprint: 'a'.repeat(40), id: '111111111111111', type: 'c8y_Serial', externalId: 'nobody-1', name: 'yan' };
    const events = api.events.length;
    for (const target of things) {
      const theirs = api.theirs(target.path);
      const payload = target.method === 'POST' || target.method === 'PUT' ? { managedObject: { id: theirs['id'] }, role: { id: 'ROLE_TENANT_ADMIN' }, type: 'a', externalId: 'b', reason: 'x', status: 'DISABLED', successor: 'b'.repeat(40), proofOfPossessionSignedVerificationCode: 'AAAA' } : undefined;
      const say = async (ids: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>) => {
        const answer = await ask(target, pathOf(target, { ...ids, tenant: 'main' }), { as: 'main/admin', ...(payload && { payload }) });
        return [answer.statusCode, Object.entries(ids).reduce((body, [name, id]) => body.replaceAll(id, `<${other[name] ? name : ''}>`), answer.body)];
      };
      const [foreign, none] = [await say(theirs, never), await say(never, theirs)];
      expect([nameOf(target), foreign]).toEqual([nameOf(target), none]);
      expect([nameOf(target), [403, 404].includes(foreign[0] as number)]).toEqual([nameOf(target), true]);
    }
    expect(api.events).toHaveLength(events);
    for (const path of ['/fleetgate/devices/{id}', '/inventory/managedObjects/{id}', '/identity/externalIds/{type}/{externalId}'])
      expect((await api.ask(`GET ${pathOf({ path }, api.theirs(path))}`, { as: 'other/admin' })).statusCode).toBe(200);
  });

  it('R07 answers a token and a whole user name the same under the Host of another tenant, and does nothing there', async () => {
    const hosts = ['main.example.com', 'other.example.com', 'management.example.com', 'nowhere.example.com'];
    const answers = new Map<string, Set<string>>();
    for (const target of api.targets.filter(isClosed)) {
      for (const [who, more] of [['token', { bearer: api.token }], ['user', { as: 'main/reader' }]] as const) {
        // Logging out would end the token, and what is made here is made anew under each host.
        if (target.path === '/user/logout' || target.method !== 'GET') continue;
        for (const host of hosts) {
          const headers = { host, 'x-forwarded-host': 'other.example.com', forwarded: 'host=other.example.com', 'x-original-host': 'other.example.com' };
          const { statusCode, body } = await ask(target, pathOf(target, { tenant: 'main', id: 'press-7' }), { ...more, headers });
          const name = `${nameOf(target)} by ${who}`;
          answers.set(name, (answers.get(name) ?? new Set()).add(`${statusCode} ${body.replaceAll(`http://${host}/`, 'http://<host>/')}`));
        }
      }
    }
    expect([...answers].filter(([, seen]) => seen.size !== 1)).toEqual([]);
    expect(answers.size).toBeGreaterThan(40);
  });

  it('R07 that changes something changes it in the tenant of the user, whatever the Host', async () => {
    const server = await listening(api);
    const payload = { value: 'x', reason: 'x', type: 'a', time: '2026-11-24T12:00:00Z', text: 'x', severity: 'MAJOR', token: 'x', status: 'DISABLED' };
    const events = api.events.length;
    for (const target of api.targets.filter(({ method }) => method !== 'GET').filter(isClosed)) {
      const headers = { host: 'other.example.com', authorization: basic(`main/admin:${PASSWORD}`), 'content-type': 'application/json' };
      const answer = await server.send(target.method, pathOf(target, { ...api.theirs(target.path), tenant: 'other', category: 'a', key: 'b' }), headers, JSON.stringify(payload));
      expect([nameOf(target), answer.status < 500]).toEqual([nameOf(target), true]);
    }
    await server.close();
    const made = api.events.slice(events);
    expect([made.length > 1, new Set(made.map(({ tenant }) => String(tenant)))]).toEqual([true, new Set(['main'])]);
    expect(new Set(api.messages.map(({ tenant }) => String(tenant))).has('other')).toBe(false);
  });

  it('R07 takes a bare user name for that of the tenant whose domain is the Host, and lets it nowhere else', async () => {
    const authorization = basic(`admin:${PASSWORD}`);
    for (const target of withParameter('tenant').filter(({ method }) => method === 'GET')) {
      const at = async (host: string, tenant: string) => (await ask(target, pathOf(target, { tenant, fingerprint: 'a'.repeat(40) }), { headers: { host, authorization } })).statusCode;
      expect([nameOf(target), await at('main.example.com', 'other'), await at('other.example.com', 'main'), /^(401|429)$/.test(String(await at('nowhere.example.com', 'main')))]).toEqual([nameOf(target), 403, 403, true]);
    }
  });

  it('R05 answers no other method than it lists, and no header makes another of it', async () => {
    const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'] as const;
    const events = api.events.length;
    for (const path of new Set(api.targets.map((one) => one.path))) {
      const own = api.targets.filter((one) => one.path === path).map(({ method }) => method);
      for (const method of methods.filter((one) => !own.includes(one) && !(one === 'HEAD' && own.includes('GET')))) {
        const headers = { 'x-http-method-override': own[0]!, 'x-http-method': own[0]!, 'x-method-override': own[0]! };
        const answer = await api.ask(`${method} ${pathOf({ path }, { tenant: 'main', id: 'press-7' })}?_method=${own[0]!}`, { as: 'main/admin', headers });
        expect([method, path, answer.statusCode]).toEqual([method, path, 404]);
        if (method !== 'HEAD') expect(answer.json().error).toMatch(/\/Not Found$/);
      }
    }
    expect(api.events).toHaveLength(events);
  });

  it('R10 that gives a page refuses one out of range', async () => {
    const numbers = ['0', '-1', '1e9', '1000000001', '99999999999999999999', '1.5', '0x10', 'abc', '%20' + '1', '%D9%A3', '1%00', '1&{}=2', 'true'];
    let asked = 0;
    for (const target of api.targets) {
      for (const { name } of target.operation.parameters.filter((one) => one.in === 'query' && ['pageSize', 'currentPage', 'limit'].includes(one.name))) {
        for (const number of numbers) {
          asked += 1;
          const path = pathOf(target, { tenant: target.path.startsWith('/tenant') ? 'management' : 'main' });
          const answer = await ask(target, `${path}?${name}=${number.replace('{}', name)}`, { as: path.startsWith('/tenant') ? 'management/admin' : 'main/admin' });
          expect([nameOf(target), name, number, answer.statusCode]).toEqual([nameOf(target), name, number, 400]);
          expect(answer.json().message).toContain(`The query parameter ${name} must be a whole number from 1 to`);
        }
      }
    }
    expect(asked).toBeGreaterThan(13 * 10);
  });
});

describe('Every route that takes JSON', () => {
  const json = { 'content-type': 'application/json' };
  const bodies: readonly (readonly [string, (member: string) => string | Buffer])[] = [
    ['a depth of 100,000', (member) => `{"${member}":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['objects 20,000 deep', (member) => `{"${member}":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`],
    ['a number of a million digits', (member) => `{"${member}":${'9'.repeat(1_000_000)}}`],
    ['a number beyond any', (member) => `{"${member}":-1e999999999}`],
    ['one member fifty thousand times', (member) => `{${`"${member}":1,`.repeat(50_000)}"${member}":null}`],
    ['fifty thousand members', (member) => `{"${member}":{${Array.from({ length: 50_000 }, (_, i) => `"m${i}":1`).join()}}}`],
    ['members of the prototype', (member) => `{"__proto__":{"polluted":true,"${member}":"x"},"constructor":{"prototype":{"polluted":true}},"${member}":{"__proto__":{"polluted":true}},"toString":1,"hasOwnProperty":1}`],
    ['a list with __proto__', () => '[{"__proto__":{"polluted":true}}]'],
    ['UTF-16', (member) => Buffer.from(`{"${member}":"x"}`, 'utf16le')],
    ['gzip', () => Buffer.from('1f8b0800000000000003ab560200', 'hex')],
    ['5 MB', (member) => `{"${member}":"${'A'.repeat(5 * 1024 * 1024)}"}`],
  ];

  it.each(bodies)('R02 is not moved by %s', async (_what, bodyOf) => {
    const takers = api.targets.filter((target) => jsonBodyOf(api.document, target));
    expect(takers.length).toBeGreaterThan(15);
    for (const target of takers) {
      const [member = 'value'] = membersOf(api.document, jsonBodyOf(api.document, target)!);
      const began = performance.now();
      const path = pathOf(target, { tenant: 'main', id: 'press-7', category: 'a', key: 'b', fingerprint: 'a'.repeat(40) });
      const answer = await ask(target, path, { as: target.path === '/tenant/tenants' ? 'management/admin' : 'main/admin', headers: json, payload: bodyOf(member) });
      expect([nameOf(target), answer.statusCode < 500, answer.body.length < 4000 || answer.statusCode < 300]).toEqual([nameOf(target), true, true]);
      expect([nameOf(target), performance.now() - began < 2000]).toEqual([nameOf(target), true]);
      expect(answer.body).not.toContain('polluted');
    }
    expect('polluted' in {}).toBe(false);
    expect(api.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('R13 shows no key and no token again that stands in the place of any member, and logs none', async () => {
    const key = keyBlock();
    let asked = 0;
    for (const target of api.targets.filter((one) => jsonBodyOf(api.document, one))) {
      const members = membersOf(api.document, jsonBodyOf(api.document, target)!);
      for (const secret of [key, api.token]) {
        const wishes: readonly unknown[] = [secret, [secret], ...members.flatMap((member) => [{ [member]: secret }, { [member]: { id: secret } }, Object.fromEntries(members.map((one) => [one, one === member ? secret : 'x']))])];
        for (const wish of wishes) {
          asked += 1;
          const path = pathOf(target, { tenant: target.path === '/tenant/tenants/{tenant}' ? 'other' : 'main', id: 'press-7', category: 'a', key: 'b', fingerprint: 'a'.repeat(40) });
          const answer = await ask(target, path, { as: /^\/tenant\/tenants(\/\{tenant\})?$/.test(target.path) ? 'management/admin' : 'main/admin', headers: json, payload: JSON.stringify(wish) });
          if (answer.statusCode < 400) continue;
          expect([nameOf(target), wish, /PRIVATE|MIGHAgEA/.test(answer.body), answer.body.includes(api.token.slice(0, 40))]).toEqual([nameOf(target), wish, false, false]);
        }
      }
    }
    expect(asked).toBeGreaterThan(200);
    const log = JSON.stringify(api.lines);
    expect([/PRIVATE|MIGHAgEA/.test(log), log.includes(api.token.slice(0, 40))]).toEqual([false, false]);
  });
});

describe('Every route behind a login', () => {
  let server: Listening;
  beforeEach(async () => {
    server = await listening(api);
  });
  afterEach(() => server.close());

  const TRICKS: readonly (readonly [string, (path: string) => string])[] = [
    ['//', (path) => `/${path}`],
    ['a slash doubled inside', (path) => path.replace(/\/([^/]+)$/, '//$1')],
    ['a slash at the end', (path) => `${path}/`],
    ['/./', (path) => path.replace('/', '/./')],
    ['..', (path) => `/health/..${path}`],
    ['%2e%2e', (path) => `/health/%2e%2e${path}`],
    ['..;', (path) => `/health/..;${path}`],
    [';', (path) => `${path};x=1`],
    ['; inside', (path) => path.replace(/^\/(\w+)/, '/$1;a=b')],
    ['upper case', (path) => path.toUpperCase()],
    ['an encoded slash', (path) => `/${path.slice(1).replaceAll('/', '%2f')}`],
    ['an encoded first letter', (path) => `/%${path.charCodeAt(1).toString(16)}${path.slice(2)}`],
    ['a letter encoded twice', (path) => `/%25${path.charCodeAt(1).toString(16)}${path.slice(2)}`],
    ['a backslash', (path) => path.replaceAll('/', '\\').replace('\\', '/')],
    ['NUL', (path) => `${path}%00`],
    ['.json', (path) => `${path}.json`],
    ['a fragment', (path) => `${path}#x`],
    ['a whole URL', (path) => `http://127.0.0.1${path}`],
    ['a URL of another tenant', (path) => `http://other.example.com${path}`],
    ['a public path before a ?', (path) => `/health?${path}`],
    ['overlong UTF-8', (path) => path.replace('/', '/%c0%ae%c0%ae/')],
  ];

  it.each(TRICKS)('R06 is closed to nobody, and to those without a role, by the path with %s', async (what, trick) => {
    const leadsElsewhere = what === 'a public path before a ?';
    const events = api.events.length;
    for (const target of api.targets.filter(isClosed)) {
      const path = trick(pathOf(target, { tenant: 'main', id: 'press-7', fingerprint: 'a'.repeat(40), name: 'device_press-7' }));
      const nobody = await server.send(target.method, path);
      if (leadsElsewhere) expect(nobody.body === '{"status":"UP"}' || nobody.status === 404).toBe(true);
      else expect([nameOf(target), path, [400, 401, 404, 414].includes(nobody.status), nobody.headers['location']]).toEqual([nameOf(target), path, true, undefined]);
      if (!isGuarded(target) || leadsElsewhere) continue;
      const weak = await server.send(target.method, path, { authorization: basic(`main/nobody:${PASSWORD}`) });
      expect([nameOf(target), path, [400, 403, 404, 414].includes(weak.status)]).toEqual([nameOf(target), path, true]);
    }
    expect(api.events).toHaveLength(events);
  });
});
