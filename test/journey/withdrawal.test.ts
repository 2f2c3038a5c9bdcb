/** One device, or one token of it, is taken out of use: at the door, in its live session, at the HTTP API, and after a crash. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { describeWith, enter, itWith, knock, mosquittoRr, refusalIn, tokenOf, type Call, type Connected } from '../support/clients.ts';
import { belowRoot, OpensslPki, type Issued } from '../support/openssl-pki.ts';
import { anOperatedGate, type OperatedGate } from '../support/operated-gate.ts';
import { aRunningGate } from '../support/running-gate.ts';

const STATED_MS = 2_000; // D-14
const REASON = 'stolen on 3 May, ticket #4711';

describeWith('openssl')('withdrawal', () => {
  const pki = new OpensslPki();
  let gate: OperatedGate;
  let root: Issued;
  let count = 0;
  beforeAll(async () => {
    gate = await anOperatedGate();
    root = pki.root('/CN=Works Root');
    await gate.main.trusts(root);
  });
  afterAll(async () => {
    await gate?.remove();
    pki.remove();
  });

  const callOf = (id = `press-${++count}`, { mqtts, caFile } = gate): Call => {
    const { leaf, chain } = belowRoot(pki.device(root, `/CN=${id}`));
    return { port: mqtts[0]!, caFile, certFile: pki.chainFile(chain), keyFile: leaf.keyFile, clientId: id, version: 5 };
  };
  const with_ = async (path: string, jwt: string, { method = 'GET', http = gate.http } = {}) => {
    const answer = await fetch(`http://127.0.0.1:${http}${path}`, { method, headers: { authorization: `Bearer ${jwt}` } });
    const body = await answer.text();
    return [answer.status, body === '' ? undefined : (JSON.parse(body) as { details?: { code?: string } }).details?.code];
  };
  const active = async (jwt: string): Promise<boolean> => {
    const answer = await gate.main.call('/auth/introspect', { method: 'POST', body: new URLSearchParams({ token: jwt }) });
    return ((await answer.json()) as { active: boolean }).active;
  };
  /** Where a token is shown: whether it counts there. */
  const surfaces = async (jwt: string) => [(await with_('/user/currentUser', jwt))[0], (await with_('/auth/forward', jwt))[0], await active(jwt)];
  const goodbyeOf = async ({ gone }: Connected) => {
    const goodbye = await Promise.race([gone, pause(STATED_MS, 'still there' as const)]);
    return goodbye === 'still there' ? goodbye : [goodbye?.reasonCode, refusalIn(goodbye?.properties?.reasonString ?? '')];
  };

  it('T12 ends the session of a blocked device within 2 s, kills its token everywhere, and tells it why when it knocks', async () => {
    const [call, neighbour] = [callOf(), callOf()];
    const [device, other] = [await enter(call), await enter(neighbour)];
    const [jwt, others] = [await tokenOf(device), await tokenOf(other)];
    expect(await surfaces(jwt)).toEqual([200, 200, true]);

    const blocked = await gate.cli('devices', 'block', call.clientId, '--reason', REASON);
    expect([blocked.exit, blocked.out]).toEqual([0, `Blocked ${call.clientId}: ${REASON}\n`]);
    expect(await goodbyeOf(device)).toEqual([0x98, 'session.device-blocked']);
    expect(await surfaces(jwt)).toEqual([401, 401, false]);
    expect(await with_('/user/currentUser', jwt)).toEqual([401, 'token.device-blocked']);
    const refused = await knock(call);
    expect([refused.code, refusalIn(refused.reason)]).toEqual([0x8a, 'registration.device-blocked']);
    expect(refused.reason).toContain(`found: reason ${REASON}.`);
    expect((await knock({ ...call, version: 4 })).code).toBe(5);

    expect([await surfaces(others), (await tokenOf(other)).length > 0]).toEqual([[200, 200, true], true]);
    expect((await gate.cli('devices', 'list')).out).toMatch(new RegExp(`${call.clientId} .* ${REASON}\\n`));
    expect((await gate.cli('devices', 'unblock', call.clientId)).exit).toBe(0);
    expect((await knock(call)).code).toBe(0);
    await other.client.endAsync();
  });

  itWith('mosquitto')('refuses a blocked device with 5 as mosquitto hears it', async () => {
    const call: Call = { ...callOf(), version: 4 };
    await (await enter(call)).client.endAsync();
    await gate.cli('devices', 'block', call.clientId, '--reason', REASON);
    const { code, err } = await mosquittoRr(call);
    expect([code, err]).toEqual([5, expect.stringContaining('Connection error')]);
  });

  it('A05 a block is not undone by a bulk file, by automatic registration or by removal', async () => {
    const call = callOf();
    await (await enter(call)).client.endAsync();
    await gate.cli('devices', 'block', call.clientId, '--reason', REASON);
    const file = new FormData();
    file.set('file', new Blob([`ID,AUTH_TYPE\n${call.clientId},CERTIFICATES\n`], { type: 'text/csv' }), 'fleet.csv');
    expect((await gate.main.call('/devicecontrol/bulkNewDeviceRequests', { method: 'POST', body: file })).status).toBe(201);
    const removed = await gate.cli('devices', 'remove', call.clientId);
    expect([removed.exit, removed.err]).toEqual([3, expect.stringContaining('registration.block-stays')]);
    expect(refusalIn((await knock(call)).reason)).toBe('registration.device-blocked');
  });

  it('J06 a token that its device gave back is dead everywhere, and the device gets another', async () => {
    const device = await enter(callOf());
    const jwt = await tokenOf(device);
    expect(await tokenOf(device)).toBe(jwt);
    expect(await with_('/user/logout', jwt, { method: 'POST' })).toEqual([200, undefined]);
    expect([await surfaces(jwt), await with_('/user/currentUser', jwt)]).toEqual([[401, 401, false], [401, 'token.withdrawn']]);
    const fresh = await tokenOf(device);
    expect([fresh === jwt, await surfaces(fresh)]).toEqual([false, [200, 200, true]]);
    expect(await tokenOf(device)).toBe(fresh);
    await device.client.endAsync();
  });

  it('J06 a token that an operator revokes is dead everywhere; introspect says so before and after', async () => {
    const device = await enter(callOf());
    const jwt = await tokenOf(device);
    const before = await gate.cliFed(jwt, 'token', 'introspect');
    expect([before.exit, before.out]).toEqual([0, expect.stringMatching(/^The token counts now\.\n.*client_id: press-\d+\n/s)]);
    expect((await gate.cliFed(jwt, 'token', 'revoke')).exit).toBe(0);
    expect([await surfaces(jwt), (await gate.cliFed(jwt, 'token', 'introspect')).exit]).toEqual([[401, 401, false], 3]);
    await device.client.endAsync();
  });

  it('T08 another tenant learns nothing of a token, and ends none', async () => {
    const b = await gate.tenant('b');
    const device = await enter(callOf());
    const jwt = await tokenOf(device);
    for (const path of ['/auth/introspect', '/auth/revoke']) {
      const [theirs, garbage] = await Promise.all([jwt, 'x.y.z'].map((token) => b.call(path, { method: 'POST', body: new URLSearchParams({ token }) })));
      expect([theirs!.status, await theirs!.text()]).toEqual([200, await garbage!.text()]);
    }
    expect(await surfaces(jwt)).toEqual([200, 200, true]);
    await device.client.endAsync();
  });

  it('J08 tokens of both forms of iss are checked offline by jose: one by discovery, one by two lines of configuration; and on after a rotation', async () => {
    const base = `http://localhost:${gate.http}`;
    const issuer = (form: string) => gate.main.call('/tenant/options/oauth.internal/device-token.issuer', { method: 'PUT', body: JSON.stringify({ value: form }), headers: { 'content-type': 'application/json' } });
    const discover = async () => await fetch(`${base}/.well-known/openid-configuration`);
    const device = await enter(callOf());

    const byConfiguration = await tokenOf(device);
    const advice = (await (await discover()).json()) as { message: string };
    expect(advice.message).toContain(`Tell the verifier issuer localhost and key set ${base}/.well-known/jwks.json`);
    const check = (jwt: string, keys: URL, iss: string, algorithms = ['ES256']) => jwtVerify(jwt, createRemoteJWKSet(keys), { issuer: iss, audience: iss, algorithms });
    const configured = new URL(`${base}/.well-known/jwks.json`);
    expect((await check(byConfiguration, configured, 'localhost')).payload['ten']).toBe('main');

    await issuer('url');
    const byDiscovery = await tokenOf(device);
    const found = (await (await discover()).json()) as { issuer: string; jwks_uri: string; id_token_signing_alg_values_supported: string[] };
    expect(found.issuer).toBe('https://localhost');
    const discovered = () => check(byDiscovery, new URL(found.jwks_uri), found.issuer, found.id_token_signing_alg_values_supported);
    expect((await discovered()).payload['ten']).toBe('main');
    await expect(check(byConfiguration, configured, found.issuer)).rejects.toMatchObject({ claim: 'iss' });

    expect((await gate.cli('keys', 'rotate')).exit).toBe(0);
    expect([(await discovered()).payload.sub, (await check(byConfiguration, configured, 'localhost')).payload.sub]).toEqual(Array(2).fill(`device_${device.client.options.clientId}`));
    const { keys } = (await (await fetch(found.jwks_uri)).json()) as { keys: Record<string, string>[] };
    expect([keys.length, keys.flatMap((key) => Object.keys(key)).filter((member) => /^(d|p|q|dp|dq|qi|oth|k)$/.test(member))]).toEqual([2, []]);
    await issuer('host');
    await device.client.endAsync();
  });

  it('F01 outlives a crash: what was blocked, given back or revoked stays so', async () => {
    const [blocked, loggedOut] = [callOf(), callOf()];
    const [device, other] = [await enter(blocked), await enter(loggedOut)];
    const [jwt, given] = [await tokenOf(device), await tokenOf(other)];
    await gate.cli('devices', 'block', blocked.clientId, '--reason', REASON);
    await with_('/user/logout', given, { method: 'POST' });
    gate.process.kill('SIGKILL');
    await gate.ended;
    const after = await aRunningGate({ dataDir: gate.dataDir });
    try {
      expect(await with_('/user/currentUser', jwt, { http: after.http })).toEqual([401, 'token.device-blocked']);
      expect(await with_('/user/currentUser', given, { http: after.http })).toEqual([401, 'token.withdrawn']);
      const refused = await knock({ ...blocked, port: after.mqtts[0]! });
      expect([refused.code, refused.reason]).toEqual([0x8a, expect.stringContaining(REASON)]);
      const again = await enter({ ...loggedOut, port: after.mqtts[0]! });
      expect(await tokenOf(again)).not.toBe(given);
      await again.client.endAsync();
    } finally {
      await after.remove();
    }
  });
});
