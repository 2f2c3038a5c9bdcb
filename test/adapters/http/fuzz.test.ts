import { describe, expect, it } from '@jest/globals';
import { fuzz } from '../../fuzz/fuzz.ts';
import { targetsOf, type ApiDocument } from '../../fuzz/api-document.ts';
import { judgeBy, type Answered } from '../../fuzz/judge-answer.ts';
import { anApi } from './an-api.ts';

/** Always the same here, so that a red test is the fault of a change; `npm run fuzz` begins elsewhere each time. */
const SEED = 20_261_125;
const SECONDS = 30;

describe('Every operation of the OpenAPI document', () => {
  it('R01 R13 answers good and hostile questions of everybody as it says there, tells no secret, and never blames the server', async () => {
    const { failure, unreached, requests } = await fuzz({ seed: SEED, seconds: SECONDS });
    expect(failure).toBeUndefined();
    // No request got a 2xx of these. Their good values are missing in test/fuzz/world.ts, or the document says something wrong of them.
    expect(unreached).toEqual([]);
    expect(requests).toBeGreaterThan(1500);
  }, 300_000); // a fixed number of good questions comes first, however long they take on a busy machine
});

describe('The fuzz test sees', () => {
  const good: Answered = {
    method: 'GET', accept: 'application/json', status: 200, headers: { 'content-type': 'application/json; charset=utf-8' }, body: '{"status":"UP"}', ms: 3, log: '{}',
  };
  const problem = (message: string): string => JSON.stringify({ error: 'general/Bad Request', message, info: 'https://example.com' });
  const bad = { status: 400, headers: { 'content-type': 'application/vnd.com.nsn.cumulocity.error+json' } };

  async function judged(path: string, spoilt: Partial<Answered>): Promise<string | undefined> {
    const api = await anApi();
    const document = JSON.parse(api.app.openapi()) as ApiDocument;
    await api.close();
    return judgeBy(document)(targetsOf(document).find((target) => target.path === path && target.method !== 'PUT')!, { ...good, ...spoilt });
  }

  it.each<[string, string, Partial<Answered>]>([
    ['an answer as it should be', '/health', {}],
    ['an error as it should be', '/health', { ...bad, body: problem('Send it once.') }],
    ['a HEAD without a body', '/health', { method: 'HEAD', body: '' }],
    ['a POST without Accept, empty', '/tenant/tenants/{tenant}/trusted-certificates/bulk', { method: 'POST', accept: undefined, status: 201, body: '' }],
    ['a removal', '/fleetgate/devices/{id}', { status: 404, headers: bad.headers, body: problem('There is none.') }],
  ])('nothing wrong in %s', async (_what, path, spoilt) => {
    expect(await judged(path, spoilt)).toBeUndefined();
  });

  it.each<[string, Partial<Answered>, RegExp]>([
    ['a fault of the server', { status: 503, log: 'why' }, /answers 503: why/],
    ['a status that is not documented', { status: 404 }, /404, which the document does not list for it \(200, 400/],
    ['another media type', { headers: { 'content-type': 'text/html' } }, /as text\/html, the document says application\/json/],
    ['no media type', { headers: {} }, /as no type at all/],
    ['a member that is missing', { body: '{}' }, /must have required property 'status'/],
    ['a member that nobody documented', { body: '{"status":"UP","host":"db1"}' }, /must NOT have additional properties \(host\)/],
    ['an empty answer', { body: '' }, /answers 200 with an empty body/],
    ['a HEAD with a body', { method: 'HEAD' }, /answers HEAD with a body/],
    ['a slow answer', { ms: 2001 }, /took 2001 ms/],
    ['a stack', { ...bad, body: problem('x\n    at f (a.js:1:1)') }, /does not know|tells a stack/],
    ['a path', { ...bad, body: problem('ENOENT /src/main') }, /tells a path of the machine/],
    ['SQL', { ...bad, body: problem('SQLITE_BUSY') }, /tells SQL/],
    ['PEM', { ...bad, body: problem('-----BEGIN X') }, /tells PEM/],
    ['a token', { ...bad, body: problem('eyJhbGciOiJFUzI1NiJ9.e30.x') }, /tells a token/],
    ['what was sent as a secret', { ...bad, body: problem('no canary-4f1c9a') }, /tells a secret that was sent/],
    ['a secret in the log', { log: 'password canary-4f1c9a' }, /logs a secret that was sent/],
    ['an error of another form', { ...bad, body: '{"statusCode":400}' }, /does not know/],
  ])('R01 R13 %s', async (_what, spoilt, says) => {
    expect(await judged('/health', spoilt)).toMatch(says);
  });
});
