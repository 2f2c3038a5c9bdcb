import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import fastify, { type FastifyInstance, type RouteOptions } from 'fastify';
import { authenticate } from '../../../src/adapters/http/authenticate.ts';
import { describeRoutes } from '../../../src/adapters/http/openapi/describe-routes.ts';
import { operation, type JsonSchema, type Operation } from '../../../src/adapters/http/openapi/operation.ts';
import { record, TEXT } from '../../../src/adapters/http/openapi/schemas.ts';
import { anApi, type Api } from './an-api.ts';

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: JsonSchema;
}
interface Told {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security: readonly object[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>> };
  readonly responses: Readonly<Record<string, { readonly $ref?: string; readonly content?: object; readonly description?: string }>>;
}
interface Document {
  readonly openapi: string;
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Told>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>>; readonly responses: object; readonly securitySchemes: object };
}

const namesOf = ({ method, url }: RouteOptions): string[] => [method].flat().map((one) => `${one} ${url}`);
const operationsOf = ({ paths }: Document): [string, Told][] =>
  Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, told]): [string, Told] => [`${method.toUpperCase()} ${path}`, told]));

describe('The OpenAPI document', () => {
  let api: Api;
  let document: Document;
  beforeEach(async () => {
    api = await anApi();
    document = (await api.ask('GET /openapi.json')).json();
  });
  afterEach(() => api.close());

  it('knows every route: one without operation({…}) is named here, see src/adapters/http/openapi/operation.ts', () => {
    expect(api.app.describedRoutes.filter(({ config }) => config?.operation === undefined).flatMap(namesOf)).toEqual([]);
    const routes = api.app.describedRoutes.flatMap(namesOf).map((name) => name.replace(/\*$/, '{rest}').replaceAll(/:(\w+)/g, '{$1}'));
    expect(operationsOf(document).map(([name]) => name).sort()).toEqual(routes.sort());
    expect(routes.length).toBeGreaterThan(20);
  });

  it('is valid OpenAPI 3.1, and every reference in it leads somewhere', async () => {
    expect(document.openapi).toBe('3.1.0');
    const { valid, errors } = await new Validator().validate({ ...structuredClone(document) });
    expect([valid, errors]).toEqual([true, undefined]);
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path!);
    const lost = references.filter((path) => path.split('/').reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], document) === undefined);
    expect(lost).toEqual([]);
  });

  it('names each operation once, and describes each in words, under a part that it explains', () => {
    const told = operationsOf(document).map(([, one]) => one);
    const ids = told.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { operationId, summary, tags, responses } of told) {
      expect(operationId).toMatch(/^[a-z][A-Za-z0-9]+$/);
      expect([operationId, summary.length > 5, /\.$/.test(summary)]).toEqual([operationId, true, false]);
      expect(document.tags.map(({ name }) => name)).toEqual(expect.arrayContaining([...tags]));
      const serves = Object.keys(responses).some((status) => status.startsWith('2'));
      expect([operationId, serves || /: (not served|there (is|are) none)$/.test(summary)]).toEqual([operationId, true]);
    }
    const summaries = Object.values(document.paths).flatMap((methods) => [...new Set(Object.values(methods).map(({ summary }) => summary))]);
    expect(new Set(summaries).size).toBe(summaries.length);
  });

  it('names operations by method and path, so that clients made from it keep their names', () => {
    expect(document.paths['/tenant/tenants/{tenant}/trusted-certificates/{fingerprint}']!['delete']!.operationId).toBe(
      'deleteTenantTenantsByTenantTrustedCertificatesByFingerprint',
    );
    expect(document.paths['/.well-known/jwks.json']!['get']!.operationId).toBe('getWellKnownJwksJson');
  });

  it('asks for credentials exactly where the API does', async () => {
    const others: Readonly<Record<string, readonly object[]>> = { '/devicecontrol/deviceAccessToken': [{ certificate: [] }], '/auth/forward': [{ bearer: [] }], '/auth/forward/{rest}': [{ bearer: [] }] };
    for (const [name, { security }] of operationsOf(document)) {
      const answer = await api.ask(name.replaceAll(/\{\w+\}/g, 'x') as 'GET /x');
      const credentials = others[name.split(' ', 2)[1]!] ?? [{ basic: [] }, { bearer: [] }];
      expect([name, security]).toEqual([name, answer.statusCode === 401 ? credentials : []]);
    }
    expect(Object.keys(document.components.securitySchemes)).toEqual(['basic', 'bearer', 'certificate']);
  });

  it('says who may, in the words of the guards themselves', () => {
    expect(document.paths['/fleetgate/keys/rotate']!['post']!.description).toContain('**Who**: administrators with `ROLE_TENANT_MANAGEMENT_ADMIN` or `ROLE_TENANT_ADMIN`, of `management`.');
    expect(document.paths['/user/currentUser']!['get']!.description).toBe('**Who**: every administrator and every device, for itself.');
    expect(document.paths['/health']!['get']!.description).toBeUndefined();
  });

  it.each([
    ['GET', '/health', ['200', '400', '408', '431', '500', '503']],
    ['GET', '/user/currentUser', ['200', '400', '401', '408', '429', '431', '500', '503']],
    ['GET', '/fleetgate/devices', ['200', '400', '401', '403', '408', '429', '431', '500', '503']],
    ['DELETE', '/fleetgate/devices/{id}', ['200', '204', '400', '401', '403', '404', '408', '409', '413', '414', '415', '429', '431', '500', '503']],
    ['POST', '/devicecontrol/deviceAccessToken', ['200', '400', '401', '404', '408', '413', '415', '422', '429', '431', '500', '503']],
    ['POST', '/tenant/tenants', ['201', '400', '401', '403', '408', '409', '413', '415', '422', '429', '431', '500', '503']],
  ])('lists of the answers that come before a handler those that can: %s %s', (method, path, statuses) => {
    expect(Object.keys(document.paths[path]![method.toLowerCase()]!.responses)).toEqual(statuses);
  });

  it('names no header as a parameter that OpenAPI would ignore there (§4.8.12.1)', () => {
    const ignored = operationsOf(document).flatMap(([name, { parameters }]) => parameters.filter((one) => one.in === 'header' && ['accept', 'authorization', 'content-type'].includes(one.name)).map((one) => `${name}: ${one.name}`));
    expect(ignored).toEqual([]);
  });

  it('knows the errors of the compatible API that say what, and not where', async () => {
    const pattern = new RegExp((document.components.schemas['Problem'] as { properties: { error: { pattern: string } } }).properties.error.pattern);
    expect(['security/Forbidden', 'Invalid Data', 'Not Found', 'x/', ''].map((error) => pattern.test(error))).toEqual([true, true, true, false, false]);
  });

  it('describes every error by the one schema under the one media type', () => {
    for (const [name, { responses }] of operationsOf(document)) {
      for (const [status, { $ref, content }] of Object.entries(responses).filter(([code]) => Number(code) >= 400)) {
        if ($ref === undefined) expect([name, status, content]).toEqual([name, status, { 'application/vnd.com.nsn.cumulocity.error+json': { schema: { $ref: '#/components/schemas/Problem' } } }]);
      }
    }
  });

  it('says a schema with a title once, as a component', () => {
    expect(Object.keys(document.components.schemas)).toEqual(expect.arrayContaining(['Device', 'Problem', 'Tenant', 'TrustedCertificate']));
    expect(JSON.stringify(document.paths)).not.toContain('"title"');
  });

  it('is public, and may be kept for five minutes', async () => {
    const answer = await api.ask('GET /openapi.json');
    expect([answer.statusCode, answer.headers['content-type'], answer.headers['cache-control']]).toEqual([200, 'application/json; charset=utf-8', 'public, max-age=300']);
    expect((await api.ask('HEAD /openapi.json')).body).toBe('');
  });

  it('is named where nothing is served', async () => {
    const { message } = (await api.ask('GET /nowhere')).json();
    for (const [path] of message.matchAll(/\/openapi(\.json)?/g)) expect((await api.ask(`GET ${path}`)).statusCode).toBe(200);
    expect(message).toContain('/openapi');
  });
});

describe('What a route says of itself', () => {
  const said: Operation = { tag: 'Instance', summary: 'A planted route', answers: { 200: { is: 'It.', body: record({ a: TEXT }) } } };
  const withRoutes = async (add: (app: FastifyInstance) => void) => {
    const app = fastify();
    describeRoutes(app);
    add(app);
    await app.ready();
    return { app, document: JSON.parse(app.openapi()) as Document };
  };

  it('changes neither what is read nor what is answered', async () => {
    const body = { type: 'object', properties: { n: { type: 'integer' } } };
    const { app } = await withRoutes((it) => it.post('/', operation({ ...said, body }), async (request) => ({ b: request.body })));
    const answer = await app.inject({ method: 'POST', url: '/', payload: { n: '1', stranger: true } });
    expect(answer.json()).toEqual({ b: { n: '1', stranger: true } });
    await app.close();
  });

  it('may be said of parameters, headers, several types of body, and a certificate as credential', async () => {
    const { app, document } = await withRoutes((it) =>
      it.post('/a/:b', operation({
        ...said,
        byCertificate: true,
        params: { b: { type: 'string', description: 'A b.' } },
        query: { q: { type: 'integer' } },
        headers: { 'x-chain': TEXT },
        body: { byType: { 'text/csv': TEXT, 'application/json': { type: 'object' } } },
        answers: { 204: 'Done.', 409: 'Twice.' },
      }), async () => undefined));
    const told = document.paths['/a/{b}']!['post']!;
    expect(told.security).toEqual([{ certificate: [] }]);
    expect(told.parameters).toEqual([
      { name: 'b', in: 'path', required: true, description: 'A b.', schema: { type: 'string' } },
      { name: 'q', in: 'query', schema: { type: 'integer' } },
      { name: 'x-chain', in: 'header', schema: { type: 'string' } },
    ]);
    expect(Object.keys(told.requestBody!.content)).toEqual(['text/csv', 'application/json']);
    expect([told.responses['204'], Object.keys(told.responses['409']!.content!)]).toEqual([{ description: 'Done.' }, ['application/vnd.com.nsn.cumulocity.error+json']]);
    await app.close();
  });

  it('reaches the document from inside an app that authenticates', async () => {
    const { app, document } = await withRoutes((it) => void it.register(async (behind) => {
      authenticate(behind, {} as never);
      behind.get('/in', operation(said), async () => ({}));
    }));
    expect(document.paths['/in']!['get']!.security).toEqual([{ basic: [] }, { bearer: [] }]);
    await app.close();
  });

  it('may not give two schemas one title', async () => {
    const body = (...members: string[]): Operation => ({ ...said, body: { title: 'Same', ...record(Object.fromEntries(members.map((name) => [name, TEXT]))) } });
    const twice = (a: Operation, b: Operation) => withRoutes((it) => {
      it.post('/a', operation(a), async () => ({}));
      it.post('/b', operation(b), async () => ({}));
    });
    await expect(twice(body('a'), body('b'))).rejects.toThrow('Two different schemas have the title Same');
    const { app, document } = await twice(body('a'), body('a'));
    expect(document.components.schemas['Same']).toMatchObject({ required: ['a'] });
    await app.close();
  });

  it('keeps data apart from schemas: an example with a title names no component', async () => {
    const example = { type: 'object', examples: [{ title: 'A book' }], default: { title: 'Another' }, properties: { title: TEXT } };
    const { app, document } = await withRoutes((it) => it.post('/', operation({ ...said, body: example }), async () => ({})));
    expect(document.paths['/']!['post']!.requestBody!.content['application/json']!.schema).toEqual(example);
    await app.close();
  });
});

describe('The page of the API', () => {
  let api: Api;
  beforeEach(async () => { api = await anApi(); });
  afterEach(() => api.close());

  it('loads only what lies beside it, runs nothing that stands in it, and may send nothing elsewhere', async () => {
    const page = await api.ask('GET /openapi');
    expect([page.statusCode, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("connect-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(page.body).not.toMatch(/<script>|\son\w+=|style=|https?:/);
    const parts = [...page.body.matchAll(/(?:src|href)="(openapi\/[^"]+)"/g)].map(([, part]) => part!);
    expect(parts).toHaveLength(4);
    for (const part of parts) {
      const answer = await api.ask(`GET /${part}`);
      expect([part, answer.statusCode, answer.headers['x-content-type-options']]).toEqual([part, 200, 'nosniff']);
      expect(answer.headers['content-type']).toMatch(part.endsWith('.css') ? /^text\/css/ : /^text\/javascript/);
    }
  });

  it('has no way to send a request or to take a password', async () => {
    const script = (await api.ask('GET /openapi/page.js')).body;
    expect(script).toContain('supportedSubmitMethods: []');
    expect(script).toContain("credentials: 'omit'");
    expect(script).toContain('validatorUrl: null');
    expect(script).toContain('queryConfigEnabled: false');
  });

  it.each(['index.html', '__proto__', 'constructor', 'toString', '..%2fpackage.json', '%2e%2e%2fopenapi.ts', 'swagger-ui.js'])('R06 has no part named %s', async (part) => {
    expect((await api.ask(`GET /openapi/${part}`)).statusCode).toBe(404);
  });
});
