import { once } from 'node:events';
import { Agent, request } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConnectedPeers } from '../../../src/adapters/http/connected-peers.ts';
import { HTTP_BOUNDS } from '../../../src/adapters/http/http-bounds.ts';
import { MutualTlsListener } from '../../../src/adapters/http/mutual-tls-listener.ts';
import { createApp } from '../../../src/adapters/http/app.ts';
import { listenerLimits } from '../../../src/adapters/tls/listener-limits.ts';
import type { Minted } from '../../../src/ports/driven/certificate-mint.ts';
import { aTenantId } from '../../support/certificate-builders.ts';
import { aDevice, anIntermediate, aRoot, aServer, derChain, rootOf } from '../../support/pki.ts';
import { anApi, basic, INFO, PASSWORD, type Api } from './an-api.ts';

const LIST = '/tenant/tenants/main/trusted-certificates';
const TOKEN = '/devicecontrol/deviceAccessToken';
const FULL = { error: 'security/Unauthorized', message: 'Full authentication is required to access this resource', info: INFO };

/** As clients write it: newlines as one space, the blocks one after the other. */
const headerOf = (...all: readonly Minted[]): string => all.map(({ certificatePem }) => certificatePem.trimEnd().replaceAll('\n', ' ')).join(' ');

let api: Api;
beforeEach(async () => {
  api = await anApi();
});
afterEach(() => api.close());

const trust = (ca: Minted, { auto = true, ...more }: { tenant?: 'main' | 'other'; auto?: boolean; status?: string } = {}): Promise<string> => api.trust(ca, { autoRegistrationEnabled: auto, ...more });
/** A request over mutual TLS, by a peer that showed this chain. */
const showing = (chain: readonly Minted[], headers: Readonly<Record<string, string>> = {}, route: `${string} ${string}` = `POST ${TOKEN}`) => {
  api.over({ chain: chain.map(({ der }) => der) });
  return api.ask(route, { headers });
};

describe('A device token over mutual TLS', () => {
  let root: Minted;
  let middle: Minted;
  let device: Minted;
  beforeEach(async () => {
    root = await aRoot();
    middle = await anIntermediate();
    device = await aDevice(middle);
  });

  it('is given to a device that its CA registers, in the form of the compatible API, and is its own', async () => {
    await trust(root);
    const answer = await showing([device, middle]);
    const jwt = answer.json().accessToken as string;
    expect([answer.statusCode, answer.body]).toEqual([200, `{"accessToken":"${jwt}","idToken":null,"expiresIn":null,"refreshToken":null,"info":null}`]);
    expect([answer.headers['content-type'], answer.headers['cache-control']]).toEqual(['application/json; charset=utf-8', 'no-store']);
    api.over(undefined);
    expect((await api.ask('GET /user/currentUser', { bearer: jwt })).json().userName).toBe('device_press-7');
    expect((await api.ask('GET /fleetgate/devices', { as: 'main/admin' })).json().devices).toMatchObject([{ id: 'press-7', registeredBy: 'auto' }]);
    expect(api.sessions.count()).toBe(0);
  });

  it('comes with a body whatever the Accept header is, or none', async () => {
    await trust(root);
    api.over({ chain: derChain(device) });
    for (const headers of [{ accept: 'text/html' }, {}] as const) {
      const answer = await api.app.inject({ method: 'POST', url: TOKEN, headers });
      expect([answer.statusCode, Object.keys(answer.json())[0]]).toEqual([200, 'accessToken']);
    }
  });

  it.each<[how: string, shown: () => readonly Minted[], header: () => Record<string, string>]>([
    ['all of it in TLS', () => [device, middle, root], () => ({})],
    ['the leaf in TLS, the others with a space at the end (go-c8y)', () => [device], () => ({ 'x-ssl-cert-chain': `${headerOf(middle)} ` })],
    ['the leaf in both', () => [device], () => ({ 'X-SSL-Cert-Chain': headerOf(device, middle) })],
    ['the whole chain in both', () => [device, middle, root], () => ({ 'X-Ssl-Cert-Chain': headerOf(device, middle, root) })],
    ['the root first', () => [device], () => ({ 'x-ssl-cert-chain': headerOf(root, middle, device) })],
    ['each twice', () => [device], () => ({ 'x-ssl-cert-chain': headerOf(middle, device, middle, root, device) })],
    ['with commas', () => [device], () => ({ 'x-ssl-cert-chain': `${headerOf(device)},${headerOf(middle)}` })],
    ['a blank header', () => [device, middle], () => ({ 'x-ssl-cert-chain': ' ' })],
  ])('takes a chain as clients send it: %s', async (_how, shown, header) => {
    await trust(root);
    const answer = await showing(shown(), header());
    expect([answer.statusCode, answer.json().details?.code]).toEqual([200, undefined]);
  });

  it('takes ten RSA certificates in the header', async () => {
    const rsa = await aRoot({ commonName: 'RSA', key: 'rsa2048' });
    let above = rsa;
    for (let i = 1; i <= 9; i++) above = await anIntermediate(above, { commonName: `RSA ${i}`, key: 'rsa2048' });
    const deep = await aDevice(above, { key: 'rsa2048' });
    await trust(rsa);
    const header = headerOf(...deep.path.slice(1));
    expect([deep.path.length, header.length > 10_000]).toEqual([11, true]);
    expect((await showing([deep], { 'x-ssl-cert-chain': header })).statusCode).toBe(200);
  });

  it('asks for all that was sent in TLS where what stood in order leads nowhere, and adds the header to that too', async () => {
    const lower = await anIntermediate(middle, { commonName: 'Lower' });
    const deep = await aDevice(lower);
    await trust(root);
    api.over({ chain: [deep.der], wholeChain: () => [deep.der, root.der, lower.der] });
    expect((await api.ask(`POST ${TOKEN}`)).statusCode).toBe(401);
    expect((await api.ask(`POST ${TOKEN}`, { headers: { 'x-ssl-cert-chain': headerOf(middle) } })).statusCode).toBe(200);
  });

  it('is for the certificate of which TLS proved possession: a header makes nobody another device', async () => {
    await trust(root);
    const stranger = await aDevice(await aRoot({ commonName: 'Nobody’s Root' }), { commonName: 'press-7' });
    const answer = await showing([stranger], { 'x-ssl-cert-chain': headerOf(device, middle, root) });
    expect([answer.statusCode, answer.json().message, answer.json().details.code]).toEqual([401, 'Invalid certificate chain!', 'tenant.no-anchor-found']);
    const own = await aDevice(root, { commonName: 'press-8' });
    const token = (await showing([own], { 'x-ssl-cert-chain': headerOf(device, middle) })).json().accessToken as string;
    expect(JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()).sub).toBe('device_press-8');
  });

  it('leaves a live session of the device alone', async () => {
    await trust(root);
    const ended: string[] = [];
    const question = { chain: derChain(device), handshakeBytes: 3000, clientId: '', acceptsAssignedId: true, from: '192.0.2.7' };
    await api.needs.gate.connect({ ...question, end: (why) => ended.push(why) });
    expect((await showing([device, middle])).statusCode).toBe(200);
    expect([ended, api.sessions.count()]).toEqual([[], 1]);
  });

  const refused: readonly [why: string, status: number, error: string, message: string, code: string, ask: () => ReturnType<Api['ask']>][] = [
    ['a header that is no certificate', 400, 'Device Certificates/Bad Request', 'Cannot parse X509 certificate. : Incomplete data', 'anchor.unreadable', async () => (await trust(root), showing([device], { 'x-ssl-cert-chain': '-----BEGIN CERTIFICATE----- MIIB' }))],
    ['a header with bytes that are no certificate', 400, 'Device Certificates/Bad Request', 'Cannot parse X509 certificate. : Incomplete data', 'chain.not-der', async () => (await trust(root), showing([device], { 'x-ssl-cert-chain': Buffer.from([0x30, 0x82, 0, 3, 1, 1, 0]).toString('base64') }))],
    ['nobody trusts the chain', 401, 'security/Unauthorized', 'Invalid certificate chain!', 'tenant.no-anchor-found', () => showing([device, middle, root])],
    ['a disabled CA', 401, 'security/Unauthorized', 'Invalid certificate chain!', 'tenant.anchor-disabled', async () => (await trust(root, { status: 'DISABLED' }), showing([device, middle]))],
    ['an expired certificate', 401, 'security/Unauthorized', 'Invalid certificate chain!', 'path.outside-validity', async () => (await trust(root), showing([await aDevice(root, { broken: 'expired' })]))],
    ['a suspended tenant', 401, 'security/Unauthorized', 'Invalid certificate chain!', 'tenant.suspended', async () => (await trust(root), await api.tenants.setStatus(aTenantId(), 'suspended'), showing([device, middle]))],
    ['tokens switched off', 404, 'Not Found', 'This feature is disabled, please contact system administrator.', 'token.switched-off', async () => (await trust(root), await api.tenants.setOption(aTenantId(), 'oauth.internal', 'device-token.enabled', 'false'), showing([device, middle]))],
    ['a device that nobody registered', 422, 'Auto registeration is failed for device/Unprocessable Entity', 'Cannot process certificate data.', 'registration.not-registered', async () => (await trust(root, { auto: false }), showing([device, middle]))],
    ['a name that is no device id', 422, 'Invalid Data', 'Cannot process certificate data.', 'identity.forbidden-character', async () => (await trust(root), showing([await aDevice(root, { commonName: 'press:7' })]))],
  ];
  it.each(refused)('is refused for %s: %i', async (_why, status, error, message, code, ask) => {
    const answer = await ask();
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([status, 'application/vnd.com.nsn.cumulocity.error+json']);
    expect(answer.body.startsWith(JSON.stringify({ error, message, info: INFO }).slice(0, -1))).toBe(true);
    expect(answer.json().details).toMatchObject({ code, remedy: expect.any(String) });
  });

  it.each([
    ['code', { code: 'path.outside-validity' }],
    ['none', undefined],
    ['sentence', expect.objectContaining({ code: 'path.outside-validity', depth: 0, remedy: expect.any(String) })],
  ])('is told no more of a refusal than its tenant lets it hear: %s', async (told, details) => {
    await trust(root);
    expect((await api.ask('PUT /tenant/options/fleetgate/refusal.detail', { as: 'main/admin', payload: { value: told } })).statusCode).toBe(200);
    const answer = await showing([await aDevice(root, { broken: 'expired' })]);
    expect([answer.statusCode, answer.json().message, answer.json().details]).toEqual([401, 'Invalid certificate chain!', details]);
    expect((await showing([await aDevice(await aRoot({ commonName: 'Stranger' }))])).json().details).toMatchObject({ code: 'tenant.no-anchor-found', requires: expect.any(String) });
  });

  it('says at which depth a path broke', async () => {
    await trust(root);
    expect((await showing([await aDevice(await anIntermediate(undefined, { broken: 'no-ca' }))])).json().details).toMatchObject({ code: 'tenant.no-anchor-found' });
    const bad = await aDevice(await anIntermediate(undefined, { broken: 'no-ca' }));
    expect((await showing(bad.path)).json().details).toMatchObject({ code: 'path.issuer-is-not-a-ca', depth: 1 });
  });

  it('needs a certificate, and is served on the port for mutual TLS only', async () => {
    const unheard = { 'x-ssl-cert-chain': headerOf(device, middle) };
    await trust(root);
    for (const peer of [undefined, { chain: [] }]) {
      api.over(peer);
      const answer = await api.ask(`POST ${TOKEN}`, { headers: unheard });
      expect([answer.statusCode, answer.headers['www-authenticate'], answer.json()]).toEqual([401, 'Basic realm="Cumulocity"', FULL]);
    }
  });

  it('may be asked for a thousand times at once by one address, and a hundred times a second after that', async () => {
    api.over({ chain: [] });
    let asked = 0;
    let answer;
    do {
      answer = await api.app.inject({ method: 'POST', url: TOKEN });
      asked += 1;
    } while (answer.statusCode === 401 && asked < 20_000);
    expect(asked).toBeGreaterThan(1_000);
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([429, '1']);
    api.over({ chain: [], from: '198.51.100.4' });
    expect((await api.ask(`POST ${TOKEN}`)).statusCode).toBe(401);
  });
});

describe('A certificate that leads to two tenants', () => {
  const CASES: readonly [how: string, peer: { serverName?: string }, headers: Record<string, string>, tenant: string | undefined][] = [
    ['by the server name in TLS', { serverName: 'other.example.com' }, { host: 'main.example.com' }, 'other'],
    ['by the Host where TLS named none', {}, { host: 'main.example.com:8443' }, 'main'],
    ['by the tenant it names', { serverName: 'other.example.com' }, { 'x-cumulocity-tenantid': 'main' }, 'main'],
    ['not by a tenant to which it does not lead', {}, { 'x-cumulocity-tenantid': 'management' }, undefined],
    ['not at all', {}, {}, undefined],
  ];
  it.each(CASES)('is of the one that is chosen %s (D-24)', async (_how, peer, headers, tenant) => {
    await api.close();
    api = await anApi({ sharing: true });
    const root = await aRoot();
    for (const each of ['main', 'other'] as const) await trust(root, { tenant: each });
    api.over({ chain: derChain(await aDevice(root)), ...peer });
    const answer = await api.ask(`POST ${TOKEN}`, { headers });
    const claims = answer.statusCode === 200 ? JSON.parse(Buffer.from(answer.json().accessToken.split('.')[1], 'base64url').toString()) : {};
    expect([claims.ten, answer.json().details?.code]).toEqual([tenant, tenant === undefined ? 'tenant.ambiguous' : undefined]);
  });
});

describe('On the port for mutual TLS', () => {
  it.each(['GET /tenant/currentTenant', `GET ${LIST}`, 'POST /devicecontrol/bulkNewDeviceRequests', `GET ${TOKEN}`, 'GET /nothing'] as const)('a certificate alone is no login: %s', async (route) => {
    const root = await aRoot();
    await trust(root);
    const answer = await showing([await aDevice(root)], {}, route);
    expect([answer.statusCode, answer.headers['www-authenticate'], answer.json()]).toEqual([401, 'Basic realm="Cumulocity"', FULL]);
  });

  it('passwords and tokens open what they open elsewhere', async () => {
    const root = await aRoot();
    const fingerprint = await trust(root);
    api.over({ chain: derChain(await aDevice(root, { commonName: 'somebody' })) });
    expect((await api.ask('GET /tenant/currentTenant', { as: 'main/admin' })).statusCode).toBe(200);
    expect((await api.ask('GET /tenant/currentTenant', { headers: { authorization: basic('main/admin:wrong') } })).json().message).toBe('Invalid credentials! : Bad credentials');
    api.over({ chain: [] });
    expect((await api.ask('GET /user/currentUser', { bearer: await api.tokenBy({ fingerprint }) })).statusCode).toBe(200);
  });

  it('a token is refused beside another certificate than its own (RFC 8705 §3)', async () => {
    const root = await aRoot();
    await trust(root);
    const [mine, other] = [await aDevice(root), await aDevice(root, { commonName: 'press-8' })];
    const bearer = (await showing([mine])).json().accessToken as string;
    const outcome = async (chain: readonly Minted[]) => {
      api.over({ chain: chain.map(({ der }) => der) });
      const answer = await api.ask('GET /user/currentUser', { bearer });
      return [answer.statusCode, answer.json().details?.code];
    };
    expect(await outcome([mine])).toEqual([200, undefined]);
    expect(await outcome([])).toEqual([200, undefined]);
    expect(await outcome([other, mine])).toEqual([401, 'token.other-certificate']);
    expect((await api.ask('GET /user/currentUser', { bearer })).headers['www-authenticate']).toMatch(/^Bearer error="invalid_token"/);
  });
});

describe('The listener for mutual TLS', () => {
  let running: MutualTlsListener | undefined;
  afterEach(() => running?.stop(0));

  async function listen({ headersTimeout }: { headersTimeout?: number } = {}) {
    const server = await aServer();
    const peers = new ConnectedPeers();
    const app = await createApp({ ...api.needs, peerOf: ({ raw }) => peers.of(raw.socket) });
    await app.ready();
    const credentials = { current: () => ({ cert: server.certificatePem, key: server.keyPem, names: [], notAfter: new Date() }), onChange: () => () => undefined };
    const limits = listenerLimits({ handshakesInFlight: 32, handshakesPerAddress: 16, handshakeTimeoutMs: 5_000 });
    running = new MutualTlsListener({
      ...{ routing: app.routing, peers, credentials, limits, log: api.log, bind: '127.0.0.1', port: 0 },
      ...(headersTimeout !== undefined && { bounds: { headersTimeout, connectionsCheckingInterval: 50 } }),
    });
    const url = await running.start();
    return { url, port: Number(new URL(url).port), ca: rootOf(server).certificatePem, app };
  }

  const client = (ca: string, device?: Minted, order: readonly Minted[] = device?.path.slice(0, -1) ?? []) =>
    new Agent({ ca, keepAlive: true, maxSockets: 1, servername: 'localhost', ...(device && { key: device.keyPem, cert: order.map(({ certificatePem }) => certificatePem).join('') }) });

  async function ask(url: string, agent: Agent, { method = 'POST', path = TOKEN, headers = {} } = {}) {
    const sent = request(`${url}${path}`, { method, agent, headers });
    sent.end();
    const [answer] = await once(sent, 'response');
    return { status: answer.statusCode as number, body: JSON.parse(await text(answer)), reused: sent.reusedSocket };
  }

  it('gives the second request of a kept-alive connection the verdict of the first, and sees at once that trust was withdrawn', async () => {
    const device = await aDevice(await anIntermediate());
    const fingerprint = await trust(await aRoot());
    const { url, ca, app } = await listen();
    const agent = client(ca, device);
    const answers = [await ask(url, agent), await ask(url, agent), await ask(url, agent)];
    expect(answers.map(({ status, reused }) => [status, reused])).toEqual([[200, false], [200, true], [200, true]]);
    api.over(undefined);
    await api.ask(`PUT ${LIST}/${fingerprint}`, { as: 'main/admin', payload: { status: 'DISABLED' } });
    const late = await ask(url, agent);
    expect([late.status, late.body.message, late.body.details.code, late.reused]).toEqual([401, 'Invalid certificate chain!', 'tenant.anchor-disabled', true]);
    agent.destroy();
    await app.close();
  });

  it('reads a chain that is out of order once, and keeps it with the connection', async () => {
    const low = await anIntermediate(await anIntermediate(), { commonName: 'Low' });
    const device = await aDevice(low);
    await trust(await aRoot());
    const { url, ca, app } = await listen();
    const [leaf, one, two] = device.path;
    const agent = client(ca, device, [leaf!, two!, one!]);
    for (const reused of [false, true, true]) expect(await ask(url, agent)).toMatchObject({ status: 200, reused });
    agent.destroy();
    await app.close();
  });

  it('serves the API as https, and whoever shows no certificate too', async () => {
    const { url, ca, app } = await listen();
    const agent = client(ca);
    const answer = await ask(url, agent, { method: 'GET', path: '/user/currentUser', headers: { authorization: basic(`main/admin:${PASSWORD}`) } });
    expect([answer.status, answer.body.self]).toEqual([200, `${url}/user/currentUser`]);
    expect((await ask(url, agent)).body.message).toBe(FULL.message);
    agent.destroy();
    await app.close();
  });

  it('R04 watches the times of its connections like the other listeners', async () => {
    expect(HTTP_BOUNDS.headersTimeout).toBe(20_000);
    const { port, ca, app } = await listen({ headersTimeout: 100 });
    const socket = connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca });
    await once(socket, 'secureConnect');
    socket.write('GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 408 /);
    await app.close();
  });

  it('answers what is no HTTP with 400, and lives on when a peer resets', async () => {
    const { url, port, ca, app } = await listen();
    const socket = connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca });
    await once(socket, 'secureConnect');
    socket.write('\u0010\u000c\u0000\u0004MQTT\u0004\u0002');
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /);
    const raw = connectTcp(port, '127.0.0.1');
    await once(raw, 'connect');
    raw.resetAndDestroy();
    const agent = client(ca);
    expect(await ask(url, agent, { method: 'GET', path: '/health' })).toMatchObject({ status: 200 });
    agent.destroy();
    await app.close();
  });

  it('ends idle connections at once and those in the middle of a request after the grace', async () => {
    const { port, ca, app } = await listen();
    const idle = connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca });
    const busy = connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca });
    await Promise.all([once(idle, 'secureConnect'), once(busy, 'secureConnect')]);
    for (const socket of [idle, busy]) socket.on('error', () => undefined);
    busy.write('POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc');
    const closed = Promise.all([idle, busy].map((socket) => new Promise((resolve) => socket.resume().on('close', resolve))));
    await running!.stop(200);
    await closed;
    await app.close();
  });

  it('names its setting where the port is taken', async () => {
    const { port, app } = await listen();
    const limits = listenerLimits({ handshakesInFlight: 1, handshakesPerAddress: 1, handshakeTimeoutMs: 1 });
    const credentials = { current: () => ({ cert: '', key: '', names: [], notAfter: new Date() }), onChange: () => () => undefined };
    const second = new MutualTlsListener({ routing: app.routing, peers: new ConnectedPeers(), log: api.log, bind: '127.0.0.1', port, credentials, limits });
    await expect(second.start()).rejects.toThrow('FLEETGATE_MTLS_PORT');
    await app.close();
  });
});
