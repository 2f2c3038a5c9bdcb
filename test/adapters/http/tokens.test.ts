import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LightMyRequestResponse } from 'fastify';
import { aRoot } from '../../support/pki.ts';
import { anApi, type Api } from './an-api.ts';
import { claimsOf, hostileTokens, WITHDRAWALS } from './hostile-tokens.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

let api: Api;
let fingerprint: string;
let jwt: string;
beforeEach(async () => {
  api = await anApi();
  fingerprint = await api.trust(await aRoot());
  jwt = await api.tokenBy({ fingerprint });
});
afterEach(() => api.close());

type Asker = NonNullable<Parameters<Api['ask']>[1]>['as'];
const post = (path: string, token: string, as: Asker = 'main/service'): Promise<LightMyRequestResponse> =>
  api.ask(`POST ${path}`, { as: as!, headers: FORM, payload: new URLSearchParams({ token, token_type_hint: 'access_token' }).toString() });
const introspect = (token: string, as?: Asker) => post('/auth/introspect', token, as);
const revoke = (token: string, as?: Asker) => post('/auth/revoke', token, as);
const currentUser = (bearer: string) => api.ask('GET /user/currentUser', { bearer });

describe('POST /user/logout', () => {
  it('J06 ends the token that it carries: the next use tells the client to fetch another', async () => {
    const answer = await api.ask('POST /user/logout', { bearer: jwt });
    expect([answer.statusCode, answer.body]).toEqual([200, '']);
    for (const again of [await currentUser(jwt), await api.ask('POST /user/logout', { bearer: jwt })])
      expect([again.statusCode, again.json().error, again.json().message, again.json().details.code]).toEqual([
        401, 'security/Unauthorized', 'Token is terminated: required is that nobody has withdrawn the token.', 'token.withdrawn',
      ]);
    expect(api.events.at(-1)).toEqual({ what: 'token.withdrawn', tenant: 'main', by: 'main/device_press-7', subject: 'device_press-7' });
  });

  it('leaves other tokens alone, and the device gets a fresh one', async () => {
    const other = await api.tokenBy({ fingerprint }, 'press-8');
    await api.ask('POST /user/logout', { bearer: jwt, payload: {} });
    const fresh = await api.tokenBy({ fingerprint });
    expect(fresh).not.toBe(jwt);
    for (const bearer of [other, fresh]) expect((await currentUser(bearer)).statusCode).toBe(200);
  });

  it('has nothing to end for a password, and says 200', async () => {
    for (let i = 0; i < 2; i++) expect((await api.ask('POST /user/logout', { as: 'main/nobody' })).statusCode).toBe(200);
    expect((await api.ask('POST /user/logout')).statusCode).toBe(401);
    expect(await api.withdrawn.count()).toBe(0);
  });
});

describe('Introspection (RFC 7662)', () => {
  it('tells what a good token says', async () => {
    const answer = await introspect(jwt);
    const { iss, aud, sub, exp, iat, nbf, jti, cnf } = claimsOf(jwt);
    expect([answer.statusCode, answer.headers['cache-control']]).toEqual([200, 'no-store']);
    expect(answer.json()).toEqual({ active: true, token_type: 'Bearer', client_id: 'press-7', username: 'device_press-7', ten: 'main', iss, aud, sub, exp, iat, nbf, jti, cnf });
  });

  it.each(['main/admin', 'main/service', 'management/admin'] as const)('answers %s, forms and JSON', async (as) => {
    expect((await introspect(jwt, as)).json().active).toBe(true);
    expect((await api.ask('POST /auth/introspect', { as, payload: { token: jwt } })).json().active).toBe(true);
  });

  it.each(['main/reader', 'main/registrar', 'main/nobody'] as const)('and nothing to %s', async (as) => {
    for (const ask of [introspect, revoke]) expect((await ask(jwt, as)).statusCode).toBe(403);
    expect((await currentUser(jwt)).statusCode).toBe(200);
  });

  it('and nothing to devices or strangers', async () => {
    for (const path of ['/auth/introspect', '/auth/revoke'] as const) {
      expect((await api.ask(`POST ${path}`, { bearer: jwt, payload: { token: jwt } })).statusCode).toBe(403);
      expect((await api.ask(`POST ${path}`, { payload: { token: jwt } })).statusCode).toBe(401);
    }
  });

  it('J01 J02 J03 J04 J05 J07 J09 J10 T08 says of every token that does not count that it does not, and no more', async () => {
    const hostile = await hostileTokens(api, jwt);
    const bodies = await Promise.all(hostile.map(async ([what, token]) => [what, (await introspect(token, 'management/admin')).body]));
    expect(bodies).toEqual(hostile.map(([what]) => [what, '{"active":false}']));
    expect((await introspect(jwt)).json().active).toBe(true);
  });

  it.each(WITHDRAWALS)('J06 T13 says so at once after %s', async (_how, _code, route, as, payload) => {
    await api.ask(route.replace(':ca', fingerprint) as `${string} ${string}`, { as, ...(payload && { payload }) });
    expect((await introspect(jwt, 'management/admin')).body).toBe('{"active":false}');
  });

  it('T08 R07 tells another tenant of a good token what it tells of garbage, whatever the Host', async () => {
    const [foreign, garbage] = [await introspect(jwt, 'other/admin'), await introspect('x.y.z', 'other/admin')];
    const comparable = ({ statusCode, headers: { date: _, ...headers }, body }: LightMyRequestResponse) => ({ statusCode, headers, body });
    expect(comparable(foreign)).toEqual(comparable(garbage));
    const payload = { token: jwt };
    expect((await api.ask('POST /auth/introspect', { as: 'other/admin', payload, headers: { host: 'main.example.com' } })).body).toBe('{"active":false}');
  });

  it.each([
    ['no token', {}, 'token_type_hint=access_token'],
    ['an empty token', {}, 'token='],
    ['the token twice', {}, 'token=a&token=b'],
    ['another member twice', {}, 'token=a&x=1&x=2'],
    ['a token that is no text', { 'content-type': 'application/json' }, '{"token":["x"]}'],
    ['no body', {}, ''],
  ])('is asked for in order: 400 to %s', async (_what, headers, payload) => {
    for (const path of ['/auth/introspect', '/auth/revoke'] as const)
      expect((await api.ask(`POST ${path}`, { as: 'main/service', headers: { ...FORM, ...headers }, payload })).statusCode).toBe(400);
  });

  it('is bounded: 413 to more than 64 KiB, and a token of 64 KiB is none', async () => {
    expect((await introspect('x'.repeat(70_000))).statusCode).toBe(413);
    expect((await introspect('x'.repeat(60_000))).body).toBe('{"active":false}');
  });

  it('is the only place that takes forms', async () => {
    expect((await api.ask('POST /user/logout', { as: 'main/admin', headers: FORM, payload: 'a=b' })).statusCode).toBe(415);
    expect((await api.ask('POST /auth/introspect', { as: 'main/admin', headers: { 'content-type': 'text/plain' }, payload: 'token=x' })).statusCode).toBe(415);
  });

  it('J12 R13 writes no token and no part of one to the log, the audit or an error', async () => {
    for (const ask of [introspect, revoke]) for (const as of ['main/service', 'main/reader', 'other/admin'] as const) await ask(jwt, as);
    const bodies = [await api.ask('POST /auth/introspect', { as: 'main/service', headers: FORM, payload: `token=${jwt}&token=${jwt}` })].map(({ body }) => body);
    const written = JSON.stringify([api.lines, api.events, bodies]);
    expect(written).toContain('/auth/introspect');
    for (const part of jwt.split('.')) expect(written).not.toContain(part);
  });
});

describe('Revocation (RFC 7009)', () => {
  it('J06 ends a token, on every surface', async () => {
    const answer = await revoke(jwt);
    expect([answer.statusCode, answer.body, answer.headers['cache-control']]).toEqual([200, '', 'no-store']);
    expect((await currentUser(jwt)).json().details.code).toBe('token.withdrawn');
    expect((await introspect(jwt)).body).toBe('{"active":false}');
    expect((await api.ask('GET /auth/forward', { bearer: jwt })).statusCode).toBe(401);
    expect(api.events.at(-1)).toMatchObject({ what: 'token.withdrawn', tenant: 'main', by: 'main/service' });
  });

  it('says 200 of whatever it is given, and keeps nothing of what is no token', async () => {
    for (const [, token] of await hostileTokens(api, jwt)) expect((await revoke(token, 'main/admin')).statusCode).toBe(200);
    expect((await currentUser(jwt)).statusCode).toBe(200);
  });

  it('T08 ends no token of another tenant, and says the same', async () => {
    expect((await revoke(jwt, 'other/admin')).statusCode).toBe(200);
    expect((await currentUser(jwt)).statusCode).toBe(200);
    await revoke(jwt, 'management/admin');
    expect((await currentUser(jwt)).statusCode).toBe(401);
  });
});

describe('POST /fleetgate/devices/{id}/block', () => {
  const block = (id: string, payload: object = { reason: 'stolen on 3 May' }, as: Asker = 'main/registrar') => api.ask(`POST /fleetgate/devices/${id}/block`, { as: as!, payload });

  it('keeps a device out, and says so wherever it is shown', async () => {
    const answer = await block('press-7');
    const expected = { reason: 'stolen on 3 May', by: 'main/registrar', at: api.clock.now().toISOString() };
    expect([answer.statusCode, answer.json().block]).toEqual([200, expected]);
    expect((await api.ask('GET /fleetgate/devices/press-7', { as: 'main/reader' })).json().block).toEqual(expected);
    expect((await api.ask('GET /fleetgate/devices', { as: 'main/reader' })).json().devices[0].block).toEqual(expected);
    const used = (await currentUser(jwt)).json();
    expect([used.message, used.details.evidence]).toEqual(['Token is terminated: required is that no operator keeps the device out.', { reason: 'stolen on 3 May' }]);
    expect(api.events.at(-1)).toMatchObject({ what: 'device.blocked', by: 'main/registrar', subject: 'press-7', reason: 'stolen on 3 May', sessionsEnded: 1 });
  });

  it('is lifted by unblock, and a second time changes nothing', async () => {
    await block('press-7');
    for (let i = 0; i < 2; i++) {
      const answer = await api.ask('POST /fleetgate/devices/press-7/unblock', { as: 'main/registrar' });
      expect([answer.statusCode, answer.json().id, answer.json().block]).toEqual([200, 'press-7', undefined]);
    }
    expect((await currentUser(jwt)).statusCode).toBe(200);
  });

  it('A05 is not undone by removing the device: 409, with what to do', async () => {
    await block('press-7');
    const answer = await api.ask('DELETE /fleetgate/devices/press-7', { as: 'main/registrar' });
    expect([answer.statusCode, answer.json().error, answer.json().details.code]).toEqual([409, 'devicecontrol/Conflict', 'registration.block-stays']);
    expect(answer.json().message).toContain('unblock it first');
  });

  it.each([[{}, 400], [{ reason: 7 }, 400], [{ reason: '' }, 422], [{ reason: 'a\nb' }, 422], [{ reason: 'x'.repeat(257) }, 422], [{ reason: 'x'.repeat(256), more: 1 }, 200]])('takes a reason that can be shown: %j is %i', async (payload, status) => {
    expect((await block('press-7', payload)).statusCode).toBe(status);
  });

  it.each(['main/reader', 'main/service', 'main/nobody'] as const)('is not for %s', async (as) => {
    expect((await block('press-7', undefined, as)).statusCode).toBe(403);
    expect((await api.ask('POST /fleetgate/devices/press-7/unblock', { as })).statusCode).toBe(403);
  });

  it('T09 knows no device of another tenant, in the same words as none', async () => {
    for (const path of ['block', 'unblock']) {
      const [theirs, nobodys] = await Promise.all(['press-7', 'press-9'].map((id) => api.ask(`POST /fleetgate/devices/${id}/${path}`, { as: 'other/admin', payload: { reason: 'x' } })));
      expect([theirs!.statusCode, theirs!.body.replaceAll('press-7', '')]).toEqual([404, nobodys!.body.replaceAll('press-9', '')]);
    }
    expect((await currentUser(jwt)).statusCode).toBe(200);
  });
});
