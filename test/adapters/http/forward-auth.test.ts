import { once } from 'node:events';
import { createServer, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parsePathTemplate } from '../../../src/domain/access/path-template.ts';
import { aRoot } from '../../support/pki.ts';
import { anApi, basic, PASSWORD, type Api } from './an-api.ts';
import { hostileTokens, WITHDRAWALS } from './hostile-tokens.ts';

const PATHS = [parsePathTemplate('/files/{tenant}/{device}/**')!];
const OWN = '/files/main/press-7/a.bin?part=1';

async function open(forwardPaths: typeof PATHS) {
  const api = await anApi({ replace: { forwardPaths } });
  const fingerprint = await api.trust(await aRoot());
  return { api, fingerprint, jwt: await api.tokenBy({ fingerprint }) };
}

let api: Api;
let fingerprint: string;
let jwt: string;

const identity = ({ headers }: { headers: Record<string, unknown> }) => [headers['x-tenant-id'], headers['x-device-id'], headers['x-device-user']];

describe('GET /auth/forward, where no paths are set,', () => {
  beforeEach(async () => ({ api, fingerprint, jwt } = await open([])));
  afterEach(() => api.close());

  it.each(['GET', 'HEAD'])('lets a good token pass, and says whose it is: %s', async (method) => {
    const answer = await api.ask(`${method} /auth/forward`, { bearer: jwt });
    expect([answer.statusCode, answer.body, answer.headers['cache-control'], identity(answer)]).toEqual([200, '', 'no-store', ['main', 'press-7', 'device_press-7']]);
  });

  it.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('answers Envoy, which asks by the method and path of the request: %s', async (method) => {
    const answer = await api.ask(`${method} /auth/forward/any/path`, { bearer: jwt, headers: { 'content-type': 'text/plain', 'content-length': '0' } });
    expect([answer.statusCode, identity(answer)]).toEqual([200, ['main', 'press-7', 'device_press-7']]);
  });

  it('reads no body, whatever is announced', async () => {
    const answer = await api.ask('POST /auth/forward/x', { bearer: jwt, headers: { 'content-type': 'image/png' }, payload: 'x'.repeat(100_000) });
    expect(answer.statusCode).toBe(200);
  });

  it.each([
    ['prüfstand', 'pr%C3%BCfstand'],
    ['50%', '50%25'],
    ["a,b;c='d'*(e)!", 'a%2Cb%3Bc%3D%27d%27%2A%28e%29%21'],
    ['\u{1F600}', '%F0%9F%98%80'],
    ['A-z_0.9~', 'A-z_0.9~'],
  ])('names the device %s as %s, which any header can carry and decodeURIComponent turns back', async (id, told) => {
    const answer = await api.ask('GET /auth/forward', { bearer: await api.tokenBy({ fingerprint }, id) });
    expect(identity(answer)).toEqual(['main', told, `device_${told}`]);
    expect(decodeURIComponent(told)).toBe(id);
  });

  it.each([
    ['nothing', undefined],
    ['a password, even an administrator’s', basic(`main/admin:${PASSWORD}`)],
    ['another scheme', 'Digest x'],
    ['no token', 'Bearer '],
  ])('sends %s away with 401 and no error code, for no token was tried (RFC 6750 §3.1)', async (_what, authorization) => {
    const answer = await api.ask('GET /auth/forward', { headers: authorization === undefined ? {} : { authorization } });
    expect([answer.statusCode, answer.headers['www-authenticate'], answer.headers['x-fleetgate-reason']]).toEqual([401, 'Bearer realm="fleetgate"', 'token.absent']);
    expect([answer.json().error, answer.json().message]).toEqual(['security/Unauthorized', 'Full authentication is required to access this resource']);
  });

  it('J01 J02 J03 J04 J05 J07 J09 J10 T08 sends every token away that does not count, with the reason, within 100 ms', async () => {
    for (const [what, token] of await hostileTokens(api, jwt)) {
      const began = performance.now();
      const answer = await api.ask('GET /auth/forward', { bearer: token });
      const ms = performance.now() - began;
      expect([what, answer.statusCode, identity(answer), ms < 100]).toEqual([what, 401, [undefined, undefined, undefined], true]);
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer error="invalid_token", error_description="[^"]+"$/);
      expect([what, answer.headers['x-fleetgate-reason']]).toEqual([what, expect.stringMatching(/^token\.(malformed|algorithm|unknown-key|signature|expired|not-yet-valid|wrong-issuer|device-removed|trust-withdrawn)$/)]);
    }
  });

  it.each(WITHDRAWALS)('J06 T13 sends a token away at once after %s', async (_how, code, route, as, payload) => {
    expect((await api.ask('GET /auth/forward', { bearer: jwt })).statusCode).toBe(200);
    await api.ask(route.replace(':ca', fingerprint) as `${string} ${string}`, { as, ...(payload && { payload }) });
    const answer = await api.ask('GET /auth/forward', { bearer: jwt });
    expect([answer.statusCode, answer.headers['x-fleetgate-reason'], answer.headers['cache-control'], identity(answer)]).toEqual([401, code, 'no-store', [undefined, undefined, undefined]]);
    expect(answer.json().message).toMatch(/^Token is terminated/);
  });

  it('R07 takes the tenant from the token, whatever the Host and whatever identity the client claims', async () => {
    const headers = { host: 'other.example.com', 'x-tenant-id': 'other', 'x-device-id': 'press-8', 'x-device-user': 'admin', 'x-forwarded-host': 'other.example.com' };
    expect(identity(await api.ask('GET /auth/forward', { bearer: jwt, headers }))).toEqual(['main', 'press-7', 'device_press-7']);
  });

  it('looks at no path', async () => {
    expect((await api.ask('GET /auth/forward', { bearer: jwt, headers: { 'x-original-uri': '/../x' } })).statusCode).toBe(200);
  });

  it('answers 503 when a store is out of order: no proxy takes that for yes', async () => {
    api.devices.find = () => Promise.reject(new Error('out of order'));
    const answer = await api.ask('GET /auth/forward', { bearer: jwt });
    expect([answer.statusCode, identity(answer)]).toEqual([503, [undefined, undefined, undefined]]);
  });
});

describe('GET /auth/forward, where devices have their paths,', () => {
  beforeEach(async () => ({ api, fingerprint, jwt } = await open(PATHS)));
  afterEach(() => api.close());

  const ask = (headers: Record<string, string>, path = '') => api.ask(`GET /auth/forward${path}`, { bearer: jwt, headers });

  it.each([
    ['nginx', { 'x-original-uri': OWN }, ''],
    ['Traefik and Caddy', { 'x-forwarded-uri': OWN, 'x-forwarded-method': 'PUT' }, ''],
    ['Envoy', {}, OWN],
    ['two proxies that agree', { 'x-original-uri': OWN, 'x-forwarded-uri': OWN }, ''],
  ])('lets a device to its own, as %s asks', async (_who, headers, path) => {
    expect((await ask(headers, path)).statusCode).toBe(200);
  });

  it.each([
    ['another device’s', 'access.path-not-permitted', { 'x-original-uri': '/files/main/press-8/a' }, ''],
    ['another tenant’s', 'access.path-not-permitted', { 'x-forwarded-uri': '/files/other/press-7/a' }, ''],
    ['somewhere else', 'access.path-not-permitted', {}, '/admin'],
    ['the root', 'access.path-not-permitted', {}, '/'],
    ['nowhere that was said', 'access.path-unknown', {}, ''],
    ['nowhere, with a query', 'access.path-unknown', {}, '?x=/files/main/press-7/'],
    ['two places, one by the client', 'access.path-unknown', { 'x-original-uri': OWN, 'x-forwarded-uri': '/files/main/press-8/a' }, ''],
    ['two places, one by the client’s header', 'access.path-unknown', { 'x-original-uri': OWN }, '/files/main/press-8/a'],
    ['an empty header', 'access.path-malformed', { 'x-original-uri': '' }, ''],
    ['a header that came twice', 'access.path-malformed', { 'x-original-uri': `${OWN}, ${OWN}` }, ''],
    ['..', 'access.path-malformed', { 'x-original-uri': '/files/main/press-7/../press-8/a' }, ''],
    ['%2e%2e', 'access.path-malformed', { 'x-original-uri': '/files/main/press-7/%2e%2e/press-8/a' }, ''],
    ['%252e', 'access.path-malformed', { 'x-forwarded-uri': '/files/main/press-7/%252e%252e/press-8' }, ''],
    ['%2f', 'access.path-malformed', { 'x-original-uri': '/files/main/press-7/..%2fpress-8' }, ''],
    ['//', 'access.path-malformed', { 'x-original-uri': '//files/main/press-7/a' }, ''],
    [';', 'access.path-malformed', { 'x-original-uri': '/files/main/press-7;/a' }, ''],
    ['%00', 'access.path-malformed', { 'x-original-uri': '/files/main/press-7/a%00' }, ''],
    ['\\', 'access.path-malformed', { 'x-original-uri': '/files/main/press-7/..\\press-8' }, ''],
    ['a bare Latin-1 letter', 'access.path-malformed', { 'x-original-uri': '/files/main/press-7/\xe9' }, ''],
  ])('T08 R06 refuses the way to %s by 403, %s', async (_what, code, headers: Record<string, string>, path) => {
    const answer = await ask(headers, path);
    expect([answer.statusCode, answer.headers['x-fleetgate-reason'], answer.json().details.code]).toEqual([403, code, code]);
    expect([answer.json().error, identity(answer), answer.headers['www-authenticate']]).toEqual(['security/Forbidden', [undefined, undefined, undefined], undefined]);
  });

  it('R06 lets nobody through by a path that only the router would understand', async () => {
    const server = createServer(api.app.routing).listen(0, '127.0.0.1');
    await once(server, 'listening');
    // `fetch` and `inject` would resolve the path before they send it.
    const status = async (path: string): Promise<number | undefined> => {
      const { port } = server.address() as AddressInfo;
      const [answer] = (await once(request({ port, path, agent: false, headers: { authorization: `Bearer ${jwt}` } }).end(), 'response')) as [IncomingMessage];
      answer.resume();
      return answer.statusCode;
    };
    const own = '/files/main/press-7';
    expect(await status(`/auth/forward${own}/a`)).toBe(200);
    for (const path of ['/../x', '/../../health', '/%2e%2e/x', '/%2e%2e/%2e%2e/health', `/${own}/a`, `${own}/..%2f..`, `${own}/%zz`, `${own}/%2e%2e/press-8`, `${own}/../press-8`, `${own}/a;b`])
      expect([path, await status(`/auth/forward${path}`)]).toEqual([path, path.endsWith('%zz') ? 400 : 403]);
    for (const path of [`/%61uth/forward${own}/a`, `/auth/forward%2F${own}/a`, `/auth//forward${own}/a`, '/AUTH/forward', `/auth/forward${own}/a`.replace('/auth', '/x/../auth')])
      expect([path, (await status(path))! >= 400]).toEqual([path, true]);
    server.close();
  });

  it('says that the token is dead before it looks where it wants to go', async () => {
    await api.ask('POST /fleetgate/devices/press-7/block', { as: 'main/registrar', payload: { reason: 'stolen' } });
    const answer = await ask({ 'x-original-uri': '/files/main/press-8/a' });
    expect([answer.statusCode, answer.headers['x-fleetgate-reason']]).toEqual([401, 'token.device-blocked']);
  });

  it('J12 R13 quotes neither the path nor the token in what it logs', async () => {
    await ask({ 'x-original-uri': '/files/main/press-8/secret-name' });
    await api.ask('GET /auth/forward/files/secret-name', { bearer: `${jwt}x` });
    const written = JSON.stringify([api.lines, api.events]);
    for (const secret of ['secret-name', ...jwt.split('.')]) expect(written).not.toContain(secret);
    expect(api.lines.at(-1)).toMatchObject({ level: 'info', facts: { route: '/auth/forward/*', status: 401 } });
  });
});
