import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aRoot } from '../../support/pki.ts';
import { anApi, type Api } from './an-api.ts';

let api: Api;
beforeEach(async () => { api = await anApi(); });
afterEach(() => api.close());

interface Thing {
  readonly path: string;
  readonly as: 'main/admin' | 'management/admin';
  /** Two changes, each of which makes another state. */
  readonly changes: readonly [object, object];
  readonly removable: boolean;
}

const aCertificate = async (): Promise<Thing> => {
  const fingerprint = await api.trust(await aRoot(), { name: 'Works' });
  return { path: `/tenant/tenants/main/trusted-certificates/${fingerprint}`, as: 'main/admin', changes: [{ status: 'DISABLED' }, { name: 'new' }], removable: true };
};
const aTenantThing = async (): Promise<Thing> => ({ path: '/tenant/tenants/other', as: 'management/admin', changes: [{ status: 'SUSPENDED' }, { status: 'ACTIVE' }], removable: false });
const anOption = async (): Promise<Thing> => {
  await api.ask('PUT /tenant/options/my/own', { as: 'main/admin', payload: { value: '0' } });
  return { path: '/tenant/options/my/own', as: 'main/admin', changes: [{ value: '1' }, { value: '2' }], removable: true };
};
const aDefault = async (): Promise<Thing> => ({
  path: '/tenant/options/oauth.internal/device-token.lifespan.seconds', as: 'main/admin', changes: [{ value: '600' }, { value: '900' }], removable: true,
});

describe.each([
  ['a trusted certificate', aCertificate],
  ['a tenant', aTenantThing],
  ['a tenant option', anOption],
  ['a tenant option with its default', aDefault],
] as const)('R09 The update of %s', (_what, make) => {
  let thing: Thing;
  beforeEach(async () => { thing = await make(); });
  const etag = async (): Promise<string> => String((await api.ask(`GET ${thing.path}`, { as: thing.as })).headers.etag);
  const change = (payload: object, ifMatch?: string) => api.ask(`PUT ${thing.path}`, { as: thing.as, payload, ...(ifMatch !== undefined && { headers: { 'if-match': ifMatch } }) });

  it('is refused with 412 where somebody else changed it since it was read, and nothing is lost', async () => {
    const tag = await etag();
    expect(tag).toMatch(/^"[\w-]{22}"$/);
    const first = await change(thing.changes[0], tag);
    expect([first.statusCode, first.headers.etag]).toEqual([200, await etag()]);
    const state = (await api.ask(`GET ${thing.path}`, { as: thing.as })).json();
    const second = await change(thing.changes[1], tag);
    expect([second.statusCode, second.json().details.code]).toEqual([412, 'access.changed-meanwhile']);
    if (thing.removable) expect((await api.ask(`DELETE ${thing.path}`, { as: thing.as, headers: { 'if-match': tag } })).statusCode).toBe(412);
    expect((await api.ask(`GET ${thing.path}`, { as: thing.as })).json()).toEqual(state);
    expect((await change(thing.changes[1], String(first.headers.etag))).statusCode).toBe(200);
    if (thing.removable) expect((await api.ask(`DELETE ${thing.path}`, { as: thing.as, headers: { 'if-match': await etag() } })).statusCode).toBe(204);
  });

  it('is decided when it is written: one of those who read the same wins', async () => {
    const tag = await etag();
    const answers = await Promise.all([thing.changes[0], thing.changes[0], thing.changes[0]].map((payload) => change(payload, tag)));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 412, 412]);
  });

  it('works as before without If-Match', async () => {
    expect((await change(thing.changes[0])).statusCode).toBe(200);
    expect((await change(thing.changes[1])).statusCode).toBe(200);
    expect((await change(thing.changes[0], '*')).statusCode).toBe(200);
  });
});

it('R09 demands something of what is not there: 412 for an option that is to be set, 404 for one that is to be removed', async () => {
  const headers = { 'if-match': '*' };
  expect((await api.ask('PUT /tenant/options/no/where', { as: 'main/admin', payload: { value: 'x' }, headers })).statusCode).toBe(412);
  expect((await api.ask('DELETE /tenant/options/no/where', { as: 'main/admin', headers })).statusCode).toBe(404);
});
