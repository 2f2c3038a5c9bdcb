/** A service that knows nothing of tokens, behind a real nginx that asks Fleetgate: the lines of the README. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, request, type IncomingHttpHeaders, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWith, enter, tokenOf, type Call } from '../support/clients.ts';
import { anNginx, type Nginx } from '../support/nginx.ts';
import { belowRoot, OpensslPki, type Issued, type OpensslWish } from '../support/openssl-pki.ts';
import { anOperatedGate, type OperatedGate } from '../support/operated-gate.ts';
import { ROOT } from '../support/running-gate.ts';

const OWN = '/files/main/press-7/a.bin?part=1';

/** What the README tells operators to write, with the ports of this test. */
function documentedLines(ports: { readonly gate: number; readonly service: number }): string {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const [, block = ''] = /```nginx\n([^]*?)```/.exec(readme) ?? [];
  return block.replace('127.0.0.1:8080', `127.0.0.1:${ports.gate}`).replace('127.0.0.1:9000', `127.0.0.1:${ports.service}`);
}

describeWith('nginx', 'openssl')('a service behind nginx', () => {
  const pki = new OpensslPki();
  let gate: OperatedGate;
  let nginx: Nginx;
  let service: Server;
  let root: Issued;
  /** What reached the service. */
  const reached: { readonly method: string | undefined; readonly url: string | undefined; readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];

  beforeAll(async () => {
    gate = await anOperatedGate({ env: { FLEETGATE_FORWARD_PATHS: '/files/{tenant}/{device}/**' } });
    root = pki.root('/CN=Works Root');
    await gate.main.trusts(root);
    service = createServer(async (message, response) => {
      reached.push({ method: message.method, url: message.url, headers: message.headers, body: await text(message) });
      response.end('served');
    });
    service.listen(0, '127.0.0.1');
    await once(service, 'listening');
    nginx = await anNginx(documentedLines({ gate: gate.http, service: (service.address() as AddressInfo).port }));
  });
  afterAll(async () => {
    await nginx?.stop();
    service?.close();
    await gate?.remove();
    pki.remove();
  });

  const tokenFor = async (id: string, wish: OpensslWish = {}): Promise<string> => {
    const { leaf, chain } = belowRoot(pki.device(root, `/CN=${id}`, wish));
    const call: Call = { port: gate.mqtts[0]!, caFile: gate.caFile, certFile: pki.chainFile(chain), keyFile: leaf.keyFile, clientId: id, version: 5 };
    const device = await enter(call);
    const jwt = await tokenOf(device);
    await device.client.endAsync();
    return jwt;
  };
  /** Without `fetch`, which would resolve the path and keep some headers from us. */
  const ask = async (path: string, headers: Record<string, string | string[]> = {}, { method = 'GET', body = '' } = {}) => {
    const before = reached.length;
    const [answer] = (await once(request({ port: nginx.port, path, method, headers, agent: false }).end(body), 'response')) as [IncomingMessage];
    await text(answer);
    return { status: answer.statusCode, challenge: answer.headers['www-authenticate'], reached: reached.slice(before) };
  };
  const bearer = (jwt: string) => ({ authorization: `Bearer ${jwt}` });
  const blocks = (id: string, what: 'block' | 'unblock') =>
    gate.main.call(`/fleetgate/devices/${id}/${what}`, { method: 'POST', body: JSON.stringify({ reason: 'stolen' }), headers: { 'content-type': 'application/json' } });

  it('is reached with a token, and learns whose request it is', async () => {
    const { status, reached: [got] } = await ask(OWN, bearer(await tokenFor('press-7')));
    expect([status, got?.url, got?.headers]).toEqual([200, OWN, expect.objectContaining({ 'x-tenant-id': 'main', 'x-device-id': 'press-7', 'x-device-user': 'device_press-7' })]);
  });

  it('gets the body of a request, which Fleetgate is not shown', async () => {
    const body = 'x'.repeat(200_000);
    const { status, reached: [got] } = await ask(OWN, { ...bearer(await tokenFor('press-7')), 'content-length': String(body.length) }, { method: 'PUT', body });
    expect([status, got?.method, got?.body.length]).toEqual([200, 'PUT', 200_000]);
  });

  it('is not reached without a token, and the client is told what to bring', async () => {
    expect(await ask(OWN)).toEqual({ status: 401, challenge: 'Bearer realm="fleetgate"', reached: [] });
    const answer = await ask(OWN, { authorization: `Basic ${Buffer.from(`main/admin:${gate.password}`).toString('base64')}` });
    expect([answer.status, answer.reached]).toEqual([401, []]);
  });

  it('J01 is not reached with a forged token', async () => {
    const jwt = await tokenFor('press-7');
    for (const forged of [`${jwt.slice(0, -1)}${jwt.endsWith('A') ? 'B' : 'A'}`, `${jwt}=`, 'x.y.z']) {
      const answer = await ask(OWN, bearer(forged));
      expect([answer.status, answer.challenge, answer.reached]).toEqual([401, expect.stringContaining('error="invalid_token"'), []]);
    }
  });

  it('J07 is not reached with a token that ran out, here with its certificate', async () => {
    const ends = Math.floor(Date.now() / 1000) + 4;
    const jwt = await tokenFor('press-7', { validity: [opensslTime(ends - 3600), opensslTime(ends)] });
    expect((await ask(OWN, bearer(jwt))).status).toBe(200);
    await pause(ends * 1000 - Date.now());
    expect(await ask(OWN, bearer(jwt))).toEqual({ status: 401, challenge: 'Bearer error="invalid_token", error_description="required is that the time is before exp"', reached: [] });
  });

  it('J06 is not reached by a blocked device from the moment of the block, and is again when it is lifted', async () => {
    const jwt = await tokenFor('press-7');
    expect((await blocks('press-7', 'block')).status).toBe(200);
    expect(await ask(OWN, bearer(jwt))).toEqual({ status: 401, challenge: 'Bearer error="invalid_token", error_description="required is that no operator keeps the device out"', reached: [] });
    await blocks('press-7', 'unblock');
    expect((await ask(OWN, bearer(jwt))).status).toBe(200);
  });

  it('J06 is not reached with a token that its device gave back', async () => {
    const jwt = await tokenFor('press-7');
    expect((await fetch(`http://127.0.0.1:${gate.http}/user/logout`, { method: 'POST', headers: bearer(jwt) })).status).toBe(200);
    expect((await ask(OWN, bearer(jwt))).status).toBe(401);
    const fresh = await tokenFor('press-7');
    expect([fresh === jwt, (await ask(OWN, bearer(fresh))).status]).toEqual([false, 200]);
  });

  it.each([
    ['one', { 'x-device-id': 'press-8', 'x-tenant-id': 'other', 'x-device-user': 'admin' }],
    ['in other letters', { 'X-DEVICE-ID': 'press-8', 'X-Tenant-ID': 'other', 'X-Device-USER': 'admin' }],
    ['two', { 'x-device-id': ['press-8', 'press-9'], 'x-tenant-id': ['other', 'b'], 'x-device-user': ['a', 'b'] }],
  ])('R07 never sees an identity that the client made up: %s', async (_what, made) => {
    const { status, reached: [got] } = await ask(OWN, { ...bearer(await tokenFor('press-7')), ...made, 'x-original-uri': '/files/main/press-8/a', 'x-forwarded-uri': '/files/main/press-8/a' });
    expect([status, got?.headers]).toEqual([200, expect.objectContaining({ 'x-tenant-id': 'main', 'x-device-id': 'press-7', 'x-device-user': 'device_press-7' })]);
  });

  it.each([
    ['another device', '/files/main/press-8/a.bin'],
    ['another tenant', '/files/other/press-7/a.bin'],
    ['another service', '/admin'],
    ['..', '/files/main/press-7/../press-8/a.bin'],
    ['an encoded ..', '/files/main/press-7/%2e%2e/press-8/a.bin'],
    ['an encoded slash', '/files/main/press-7/..%2fpress-8/a.bin'],
    ['a double encoding', '/files/main/press-7/%252e%252e/press-8/a.bin'],
    ['//', '//files/main/press-7/a.bin'],
    [';', '/files/main/press-7/..;/press-8'],
    ['the inside of nginx', '/fleetgate'],
  ])('T08 R06 is not reached under the path of %s: %s', async (_what, path) => {
    const answer = await ask(path, bearer(await tokenFor('press-7')));
    expect([[403, 404].includes(answer.status!), answer.reached]).toEqual([true, []]);
  });

  it('T13 is not reached when the tenant is suspended, nor when Fleetgate is gone', async () => {
    const jwt = await tokenFor('press-7');
    await gate.suspend('main');
    expect((await ask(OWN, bearer(jwt))).status).toBe(401);
    gate.process.kill('SIGTERM');
    await gate.ended;
    expect(await ask(OWN, bearer(jwt))).toMatchObject({ status: 500, reached: [] });
  });
});

const opensslTime = (seconds: number): string => new Date(seconds * 1000).toISOString().replace(/[-T:]|\.\d+/g, '');
