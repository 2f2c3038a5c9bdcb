import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fastify from 'fastify';
import { readJsonBodies } from '../../../src/adapters/http/json-body.ts';
import { PROBLEMS, problemOf } from '../../../src/adapters/http/problems.ts';
import { REFUSALS, type RefusalCode } from '../../../src/domain/refusal.ts';
import { aRoot } from '../../support/pki.ts';
import { whatIsUnready } from '../../../src/adapters/http/readiness.ts';
import { anApi, INFO, type Api } from './an-api.ts';

const LIST = '/tenant/tenants/main/trusted-certificates';
const ERROR_TYPE = 'application/vnd.com.nsn.cumulocity.error+json';

describe('Every refusal has a meaning at the HTTP API', () => {
  it.each(Object.keys(REFUSALS) as RefusalCode[])('%s', (code) => {
    const problem = problemOf({ code, depth: 1, evidence: { fingerprint: 'f', id: 'i' } });
    expect(problem.status).toBeGreaterThanOrEqual(400);
    expect(problem.error).toMatch(/^[A-Za-z]+\/[A-Z][A-Za-z ]+$/);
    expect(problem.message).not.toMatch(/undefined|\[object/);
    expect(problem.details).toEqual({ code, depth: 1, ...REFUSALS[code], evidence: { fingerprint: 'f', id: 'i' } });
  });

  it('blames the server only for what heals by trying again', () => {
    const blamed = (Object.keys(PROBLEMS) as RefusalCode[]).filter((code) => PROBLEMS[code].status >= 500);
    expect(blamed.sort()).toEqual(['inventory.no-room-for-report', 'registration.gate-busy', 'registration.trust-in-motion']);
    for (const code of blamed) expect([code, problemOf({ code }).headers]).toEqual([code, { 'retry-after': expect.stringMatching(/^[1-9]\d?$/) }]);
  });

  // Texts that clients match by their beginning (wire-contract §1.5, §3.3, §4.1).
  it.each<[RefusalCode, number, string, string]>([
    ['access.bad-credentials', 401, 'security/Unauthorized', 'Invalid credentials! : Bad credentials'],
    ['access.not-allowed', 403, 'security/Forbidden', 'Access is denied.'],
    ['tenant.unknown', 404, 'security/Not Found', 'There is no tenant with id = t01'],
    ['anchor.already-trusted', 409, 'certificate/Duplicate', 'Cannot add certificate - certificate with ab fingerprint already exists. : Certificate with ab fingerprint already exists.'],
    ['anchor.unreadable', 422, 'certificate/Unprocessable Entity', 'Cannot parse X509 certificate. : Could not parse certificate: '],
    ['anchor.outside-validity', 422, 'certificate/Unprocessable Entity', 'Can not activate a certificate which is either expired or not yet valid'],
    ['anchor.not-a-ca', 422, 'certificate/Unprocessable Entity', 'anchor.not-a-ca: required is that the certificate carries BasicConstraints with CA:TRUE'],
    ['anchor.unknown', 404, 'certificate/Not Found', 'Cannot find certificate with fingerprint ab.'],
    ['bulk.empty', 422, 'devicecontrol/Unprocessable Entity', 'CSV file contained empty dataset'],
    ['token.switched-off', 404, 'devicecontrol/Not Found', 'This feature is disabled, please contact system administrator.'],
    ['token.expired', 401, 'security/Unauthorized', 'Token is terminated'],
    ['token.trust-withdrawn', 401, 'security/Unauthorized', 'Token is terminated'],
    ['token.signature', 401, 'security/Unauthorized', 'Invalid credentials! : Bad credentials'],
  ])('%s is %i %s: %s', (code, status, error, text) => {
    const problem = problemOf({ code, evidence: { fingerprint: 'ab', id: 't01' } });
    expect([problem.status, problem.error, problem.message.slice(0, text.length)]).toEqual([status, error, text]);
  });
});

describe('Whatever a client sends, the answer is in the one error format and never blames the server', () => {
  let api: Api;
  beforeEach(async () => { api = await anApi(); });
  afterEach(() => api.close());

  const post = (payload: string | Buffer, headers: Record<string, string> = {}) =>
    api.ask(`POST ${LIST}`, { as: 'main/admin', payload, headers });
  const upload = async (): Promise<string> => JSON.stringify({ certInPemFormat: (await aRoot()).certificatePem, status: 'ENABLED' });

  it.each([
    'application/json',
    'Application/JSON',
    'application/json; charset=UTF-8',
    'application/vnd.com.nsn.cumulocity.trustedcertificate+json',
    'APPLICATION/vnd.com.nsn.cumulocity.trustedCertificate+JSON;ver=0.9;charset=UTF-8',
    'application/json;',
    'json',
    'text/json',
    '',
  ])('reads JSON under the content type %j', async (type) => {
    expect((await post(await upload(), { 'content-type': type })).statusCode).toBe(201);
  });

  it('reads JSON that comes without any content type, and with a byte order mark', async () => {
    expect((await post(Buffer.from(await upload()), {})).statusCode).toBe(201);
    expect((await post(Buffer.from(`\ufeff${await upload()}`), {})).statusCode).toBe(409);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'multipart/form-data; boundary=json', 'application/xml', 'application/octet-stream'])(
    'answers 415 to the content type %s, so that no form of another site can post',
    async (type) => {
      const answer = await post(await upload(), { 'content-type': type });
      expect([answer.statusCode, answer.headers['content-type'], answer.json().info]).toEqual([415, ERROR_TYPE, INFO]);
      expect(answer.json().message).toMatch(/Send JSON with Content-Type: application\/json\./);
    },
  );

  const json = { 'content-type': 'application/json' };
  // Rows: what is wrong, the body, the status.
  it.each<[string, string | Buffer, number]>([
    ['nothing at all', '', 400],
    ['a body cut off', '{"status":', 400],
    ['a comma too many', '{"status":"ENABLED",}', 400],
    ['no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 400],
    ['UTF-16', Buffer.from('{"status":"ENABLED"}', 'utf16le'), 400],
    ['gzip', Buffer.from('1f8b0800000000000003ab560200', 'hex'), 400],
    ['a depth of 100,000', '['.repeat(100_000) + ']'.repeat(100_000), 400],
    ['a depth of 100,000 inside an object', `{"name":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`, 400],
    ['half a character, which would be stored as another one', '{"status":"ENABLED","name":"\\ud800"}', 400],
    ['two members of one name', '{"status":"ENABLED","status":"DISABLED"}', 400],
    ['two members of one name, deep inside and written in two ways', '{"list":[1,{"a b":"{:","c":[{}],"a\\u0020b":2}]}', 400],
    ['null', 'null', 400],
    ['a number', '1e999', 400],
    ['5 MB', `{"certInPemFormat":"${'A'.repeat(5 * 1024 * 1024)}"}`, 413],
    ['1 MiB and a byte', ' '.repeat(1024 * 1024 + 1), 413],
    ['an upload within 1 MiB that no certificate fills', `{"status":"ENABLED","certInPemFormat":"${'A'.repeat(1_000_000)}"}`, 422],
  ])('R02 answers 4xx to %s', async (_what, payload, status) => {
    const answer = await post(payload, json);
    expect([answer.statusCode, answer.headers['content-type'], answer.json().info]).toEqual([status, ERROR_TYPE, INFO]);
    expect(answer.json().message.length).toBeGreaterThan(20);
    expect(answer.json().message.length).toBeLessThan(1000);
    expect(api.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('R02 lets no member reach a prototype', async () => {
    const certificate = JSON.stringify((await aRoot()).certificatePem);
    const answer = await post(
      `{"__proto__":{"status":"ENABLED","polluted":1},"constructor":{"prototype":{"polluted":1}},"status":"DISABLED","certInPemFormat":${certificate},"name":"b"}`,
      json,
    );
    expect([answer.statusCode, answer.json().status, answer.json().name]).toEqual([201, 'DISABLED', 'b']);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    expect((await post(`{"__proto__":{"status":"ENABLED"},"certInPemFormat":${certificate}}`, json)).json().details.code).toBe('anchor.status');
  });

  it('R02 hands handlers no member by the name of a prototype, at any depth', async () => {
    const app = fastify();
    readJsonBodies(app);
    app.post('/', async ({ body }) => Object.getOwnPropertyNames(body).concat(Object.getOwnPropertyNames((body as { a: object }).a)));
    const answer = await app.inject({ method: 'POST', url: '/', headers: json, payload: '{"__proto__":{"x":1},"a":{"__proto__":{"x":1},"b":1}}' });
    expect(answer.json()).toEqual(['a', 'b']);
    await app.close();
  });

  it('R02 takes the same name in several objects, and what looks like a member in a text', async () => {
    for (const payload of ['[{"a":1},{"a":2}]', '{"a":{"a":{"a":1}},"b":{"a":1}}', String.raw`{"a":"\"a\":1,\"a\":2","b":"\\"}`, '{"a":1,"A":2,"":3}']) {
      const app = fastify();
      readJsonBodies(app);
      app.post('/', async ({ body }) => ({ body }));
      const answer = await app.inject({ method: 'POST', url: '/', headers: json, payload });
      expect([payload, answer.json().body]).toEqual([payload, JSON.parse(payload)]);
      await app.close();
    }
  });

  it('says which words it takes where it takes a few only', async () => {
    const answer = await api.ask('PUT /tenant/tenants/main', { as: 'management/admin', payload: { status: 'OFF' } });
    expect([answer.statusCode, answer.json().message]).toEqual([
      400, 'body/status must be equal to one of the allowed values: ACTIVE, SUSPENDED. Correct the request; unknown members are ignored.',
    ]);
  });

  it('takes a GET and a DELETE that announce JSON and bring none', async () => {
    expect((await api.ask(`GET ${LIST}`, { as: 'main/admin', headers: json })).statusCode).toBe(200);
    expect((await api.ask('DELETE /fleetgate/devices/x', { as: 'main/admin', headers: json })).statusCode).toBe(404);
    expect((await api.ask('POST /fleetgate/keys/rotate', { as: 'management/admin', headers: json })).statusCode).toBe(200);
  });

  it.each(['GET /', 'GET /nowhere', 'POST /nowhere', 'PATCH /tenant/tenants/main', 'TRACE /tenant/currentTenant', 'GET /tenant/currenttenant', 'GET //tenant/currentTenant', 'GET /tenant/%2e%2e/currentTenant', 'GET /tenant/currentTenant;x=1', 'PUT /tenant/currentTenant', 'POST /health'] as const)(
    'R05 R06 answers 404 to %s',
    async (route) => {
      const answer = await api.ask(route);
      expect([answer.statusCode, answer.headers['content-type'], answer.json().error, answer.json().info]).toEqual([404, ERROR_TYPE, 'general/Not Found', INFO]);
    },
  );

  it('R05 knows no header that changes the method', async () => {
    const answer = await api.ask('GET /fleetgate/devices/x', { as: 'main/reader', headers: { 'x-http-method-override': 'DELETE', 'x-http-method': 'DELETE' } });
    expect(answer.json().details.code).toBe('registration.unknown-device');
    expect(api.events).toEqual([]);
  });

  it.each([
    ['cross-site', 'POST', 403],
    ['same-site', 'POST', 403],
    ['anything', 'POST', 403],
    ['same-origin', 'POST', 200],
    ['none', 'POST', 200],
    ['cross-site', 'GET', 404],
  ] as const)('R12 lets a browser change nothing for a page of another site: %s %s is %i', async (site, method, status) => {
    const answer = await api.ask(`${method} /fleetgate/keys/rotate`, { as: 'management/admin', headers: { 'sec-fetch-site': site } });
    expect([answer.statusCode, answer.headers['access-control-allow-origin']]).toEqual([status, undefined]);
    expect(api.events).toHaveLength(status === 200 ? 1 : 0);
  });

  it.each(['https://evil.example', 'null', 'http://fleet.example.com'])('R12 lets no page of another origin read an answer, not even with a password: %s', async (origin) => {
    for (const answer of [
      await api.ask('GET /tenant/currentTenant', { as: 'main/admin', headers: { origin } }),
      await api.ask('GET /tenant/currentTenant', { headers: { origin } }),
      await api.ask('GET /tenant/loginOptions', { headers: { origin } }),
    ])
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });

  it.each(['/tenant/currentTenant', LIST, '/user/main/users', '/no/such/path'])('R12 allows nothing to a browser that asks before it sends: %s', async (path) => {
    const asks = { origin: 'https://evil.example', 'access-control-request-method': 'PUT', 'access-control-request-headers': 'authorization' };
    const answer = await api.ask(`OPTIONS ${path}`, { headers: asks });
    expect(answer.statusCode).toBeGreaterThanOrEqual(400);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });

  it.each(['%zz', '%', '%c0%af', '%ff'])('answers 4xx to the broken path %s', async (broken) => {
    const answer = await api.ask(`GET /fleetgate/devices/${broken}`, { as: 'main/admin' });
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([400, ERROR_TYPE]);
  });

  it('answers 4xx to a part of a path that is longer than any name', async () => {
    const answer = await api.ask(`GET /fleetgate/devices/${'x'.repeat(5000)}`, { as: 'main/admin' });
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([414, ERROR_TYPE]);
  });
});

describe('When Fleetgate itself is out of order', () => {
  const lost = (): never => { throw Object.assign(new Error('SQLITE_IOERR at /var/lib/secret.db'), { code: 'SQLITE_IOERR' }); };

  it.each(['GET /tenant/currentTenant', `GET ${LIST}`] as const)('%s answers 503 with Retry-After, and tells the log alone why', async (route) => {
    const whole = await anApi();
    const rejects = async (): Promise<never> => lost();
    const api = await anApi({ replace: { access: { ...whole.needs.access, byPassword: async () => rejects(), byToken: async () => rejects() } } });
    const answer = await api.ask(route, { as: 'main/admin' });
    expect([answer.statusCode, answer.headers['retry-after'], answer.headers['content-type'], answer.json().error]).toEqual([503, '5', ERROR_TYPE, 'general/Service Unavailable']);
    expect(answer.body).not.toMatch(/SQLITE|secret/);
    expect(api.lines.find(({ level }) => level === 'error')).toMatchObject({ facts: { error: expect.objectContaining({ message: expect.stringContaining('SQLITE_IOERR at') }), route: expect.any(String) } });
    await Promise.all([whole.close(), api.close()]);
  });

  it('answers 500 to a defect of its own, for that does not heal by trying again', async () => {
    const api = await anApi({ replace: { signer: { publicKeys: () => (undefined as never as { keys: () => never }).keys() } as never } });
    const answer = await api.ask('GET /.well-known/jwks.json');
    expect([answer.statusCode, answer.json().error]).toEqual([500, 'general/Internal Server Error']);
    expect(answer.body).not.toContain('undefined');
    await api.close();
  });

  it('is alive but not ready when its store does not answer', async () => {
    const api = await anApi({ replace: { store: { probe: async () => lost() } } });
    expect((await api.ask('GET /health')).json()).toEqual({ status: 'UP' });
    const answer = await api.ask('GET /ready');
    expect([answer.statusCode, answer.headers['retry-after'], answer.json().info]).toEqual([503, '5', INFO]);
    expect(answer.body).not.toContain('SQLITE');
    await api.close();
  });

  it.each([
    [new Date('2019-12-31T23:59:59.999Z'), 503],
    [new Date('2020-01-01T00:00:00.000Z'), 200],
  ])('F19 is ready at %s: %i', async (now, status) => {
    const api = await anApi();
    api.clock.set(now);
    const answer = await api.ask('GET /ready');
    expect(answer.statusCode).toBe(status);
    if (status === 503) expect(answer.json()).toMatchObject({ message: expect.stringContaining('The clock of the machine stands before 2020. Set it') });
    await api.close();
  });

  it('is not ready without a key to sign with, nor where anything else it rests on does not hold, and names each', async () => {
    const needs = { store: { probe: async () => undefined }, signer: { keyId: () => '', publicKeys: () => ({ keys: [] }) }, clock: { now: () => new Date() } };
    const feed = { what: 'feed', remedy: 'The feed lags.', holds: () => Promise.reject(new Error('12 s behind')) };
    expect(await whatIsUnready({ ...needs, readyChecks: [feed] } as never)).toMatchObject([{ what: 'keys' }, { what: 'feed', why: '12 s behind' }]);
    expect(await whatIsUnready({ ...needs, signer: { keyId: () => 'k', publicKeys: () => ({ keys: [{}] }) } } as never)).toEqual([]);
  });

  it('is ready when its store answers', async () => {
    const api = await anApi();
    expect([(await api.ask('GET /ready')).statusCode, (await api.ask('HEAD /ready')).body]).toEqual([200, '']);
    await api.close();
  });
});
