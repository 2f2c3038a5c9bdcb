import { once } from 'node:events';
import { Agent, get, request, type IncomingMessage } from 'node:http';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HttpListeners, type HttpListenersNeeds } from '../../../src/adapters/http/http-listeners.ts';
import type { Minted } from '../../../src/ports/driven/certificate-mint.ts';
import type { ServerCredential, ServerCredentials } from '../../../src/ports/driven/server-credentials.ts';
import { aServer, rootOf } from '../../support/pki.ts';
import { anApi, basic, PASSWORD, type Api } from './an-api.ts';

/** Credentials that change when they are told to. */
class GivenCredentials implements ServerCredentials {
  #minted: Minted;
  readonly #tell = new Set<(credential: ServerCredential) => void>();

  constructor(minted: Minted) {
    this.#minted = minted;
  }

  current(): ServerCredential {
    return { cert: this.#minted.certificatePem, key: this.#minted.keyPem, names: [], notAfter: new Date() };
  }

  onChange(tell: (credential: ServerCredential) => void): () => void {
    this.#tell.add(tell);
    return () => this.#tell.delete(tell);
  }

  change(minted: Minted): void {
    this.#minted = minted;
    for (const tell of this.#tell) tell(this.current());
  }

  get listeners(): number {
    return this.#tell.size;
  }
}

let api: Api;
let server: Minted;
let credentials: GivenCredentials;
let running: HttpListeners[];
let others: Server[];
beforeEach(async () => {
  api = await anApi();
  server = await aServer();
  credentials = new GivenCredentials(server);
  running = [];
  others = [];
});
afterEach(async () => {
  for (const other of others) other.close();
  await Promise.all(running.map((listeners) => listeners.stop(0)));
  await api.close();
});

const listen = async (where: Partial<Pick<HttpListenersNeeds, 'httpsPort' | 'httpPort' | 'bounds'>>, bind = '127.0.0.1') => {
  const listeners = new HttpListeners({ app: api.app, credentials, log: api.log, bind, ...where });
  running.push(listeners);
  return { listeners, urls: await listeners.start() };
};
const portOf = (url: string): number => Number(new URL(url).port);

/** Another program that listens there. */
async function taken(port: number, host: string): Promise<number> {
  const other = createServer();
  others.push(other);
  other.listen({ port, host });
  await once(other, 'listening');
  return (other.address() as AddressInfo).port;
}
const aTakenPort = (): Promise<number> => taken(0, '127.0.0.1');

async function overTls(port: number, options: ConnectionOptions = {}) {
  const socket = connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca: rootOf(server).certificatePem, ...options });
  await once(socket, 'secureConnect');
  const facts = { protocol: socket.getProtocol(), serial: socket.getPeerCertificate().serialNumber, alpn: socket.alpnProtocol };
  socket.write('GET /user/currentUser HTTP/1.1\r\nHost: gate.example.com:4443\r\nConnection: close\r\n' + `Authorization: ${basic(`main/admin:${PASSWORD}`)}\r\n\r\n`);
  return { ...facts, answer: await text(socket) };
}

/** Sends bytes as they are, and resolves with all that comes back until the server closes. */
async function raw(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(bytes);
  return text(socket);
}

describe('The HTTP listeners', () => {
  it('serve HTTPS by TLS 1.2 and 1.3, and plain HTTP, and say where', async () => {
    const { urls } = await listen({ httpsPort: 0, httpPort: 0 });
    expect(urls).toEqual([expect.stringMatching(/^https:\/\/127\.0\.0\.1:[1-9]\d+$/), expect.stringMatching(/^http:\/\/127\.0\.0\.1:[1-9]\d+$/)]);
    for (const [version, protocol] of [['TLSv1.2', 'TLSv1.2'], ['TLSv1.3', 'TLSv1.3']] as const) {
      const told = await overTls(portOf(urls[0]!), { minVersion: version, maxVersion: version });
      expect(told.protocol).toBe(protocol);
      expect(told.answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
      expect(told.answer).toContain('"self":"https://gate.example.com:4443/user/currentUser"');
    }
    const plain = await fetch(`${urls[1]}/health`);
    expect([plain.status, await plain.json()]).toEqual([200, { status: 'UP' }]);
  });

  it('ask for no client certificate, and refuse TLS 1.1', async () => {
    const { urls } = await listen({ httpsPort: 0 });
    const old = connectTls({ port: portOf(urls[0]!), host: '127.0.0.1', rejectUnauthorized: false, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
    const [error] = (await once(old, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toMatch(/^ERR_SSL_|^ECONNRESET$/);
  });

  it('are off where no port is set', async () => {
    expect((await listen({})).urls).toEqual([]);
    expect(await Promise.all([listen({ httpPort: 0 }), listen({ httpsPort: 0 })]).then((both) => both.map(({ urls }) => urls.length))).toEqual([1, 1]);
  });

  it('keep plain HTTP on the loopback, whatever the bind setting says', async () => {
    const { urls } = await listen({ httpPort: 0 }, '0.0.0.0');
    // The port would be taken on every address if the listener had the wildcard.
    await taken(portOf(urls[0]!), '127.0.0.2');
    expect(urls[0]).toContain('127.0.0.1');
  });

  it('show a new server certificate as soon as there is one, on the same port', async () => {
    const { urls } = await listen({ httpsPort: 0 });
    const port = portOf(urls[0]!);
    const next = await aServer(rootOf(server), ['localhost'], { commonName: 'next' });
    const before = await overTls(port);
    credentials.change(next);
    const after = await overTls(port);
    expect(before.serial).not.toBe(after.serial);
    expect(after.answer).toContain('200 OK');
  });

  it.each([
    ['httpsPort', 'FLEETGATE_HTTPS_PORT'],
    ['httpPort', 'FLEETGATE_HTTP_PORT'],
  ] as const)('name the setting when the port of %s is taken', async (which, setting) => {
    const port = await aTakenPort();
    await expect(listen({ [which]: port })).rejects.toThrow(`HTTP cannot listen: port ${port} on 127.0.0.1 is in use by another program; stop that one, or set ${setting} to a free port.`);
  });

  it('leave nothing behind when the second listener cannot start', async () => {
    await expect(listen({ httpsPort: 0, httpPort: await aTakenPort() })).rejects.toThrow('FLEETGATE_HTTP_PORT');
    expect(credentials.listeners).toBe(0);
  });

  it('name the bind setting when the address is none of this machine', async () => {
    await expect(listen({ httpsPort: 0 }, '192.0.2.1')).rejects.toThrow('192.0.2.1 is no address of this machine; set FLEETGATE_BIND to one that is');
  });
});

describe('A peer that does not speak HTTP as it should', () => {
  const head = 'POST /tenant/tenants HTTP/1.1\r\nHost: x\r\n';
  it.each([
    ['Content-Length beside Transfer-Encoding', `${head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['two lengths', `${head}Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd`],
    ['a bare line feed', 'GET /health HTTP/1.1\nHost: x\n\n'],
    ['a folded header', 'GET /health HTTP/1.1\r\nHost: x\r\nX-A: b\r\n c\r\n\r\n'],
    ['no Host', 'GET /health HTTP/1.1\r\n\r\n'],
    ['MQTT', '\u0010\u000c\u0000\u0004MQTT\u0004\u0002\u0000<\u0000\u0000'],
    ['a space in the name of a header', 'GET /health HTTP/1.1\r\nHost: x\r\nX A: b\r\n\r\n'],
  ])('R03 gets 400, and the connection is closed: %s', async (_what, bytes) => {
    const { urls } = await listen({ httpPort: 0 });
    const answer = await raw(portOf(urls[0]!), bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(answer).toMatch(/connection: close/i);
    expect(answer.match(/^HTTP\/1\.1 \d/gm)).toHaveLength(1);
  });

  it.each([
    ['host', 'Host: x\r\nhost: y'],
    ['authorization', 'Host: x\r\nAuthorization: Bearer a\r\nAUTHORIZATION: Basic b'],
  ])('gets 400 for %s sent twice, of which a proxy may read the one and Node the other', async (name, headers) => {
    const { urls } = await listen({ httpPort: 0 });
    const answer = await raw(portOf(urls[0]!), `GET /health HTTP/1.1\r\nConnection: close\r\n${headers}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(answer).toContain(`The header ${name} stands more than once in the request. Send it once.`);
  });

  it('gets 431 in the one error format beyond 64 KiB of headers, and is served below', async () => {
    const { urls } = await listen({ httpPort: 0 });
    const sized = (bytes: number) => raw(portOf(urls[0]!), `GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Ssl-Cert-Chain: ${'a'.repeat(bytes)}\r\n\r\n`);
    expect(await sized(60_000)).toMatch(/^HTTP\/1\.1 200 OK/);
    const answer = await sized(66_000);
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(JSON.parse(answer.split('\r\n\r\n')[1]!)).toMatchObject({ error: 'general/Request Header Fields Too Large', info: expect.stringContaining('cumulocity') });
  });

  it.each(['CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'])('R05 gets no tunnel and no other protocol: %j', async (bytes) => {
    const { urls } = await listen({ httpPort: 0 });
    expect(await raw(portOf(urls[0]!), bytes)).not.toMatch(/^HTTP\/1\.1 [23]/);
  });

  it('does not end the process by a reset in the middle of a request', async () => {
    const { urls } = await listen({ httpsPort: 0, httpPort: 0 });
    for (const url of urls) {
      const socket: Socket = connect(portOf(url), '127.0.0.1');
      await once(socket, 'connect');
      socket.write('POST /tenant/tenants HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc');
      socket.resetAndDestroy();
      await once(socket, 'close');
    }
    expect((await fetch(`${urls[1]}/health`)).status).toBe(200);
  });
});

describe('Stopping', () => {
  /** An API whose readiness hangs until it is told, with a request waiting in it. */
  async function withSlowRequest() {
    const { promise: answer, resolve: release } = Promise.withResolvers<void>();
    const { promise: asked, resolve: arrived } = Promise.withResolvers<void>();
    await api.close();
    api = await anApi({ replace: { store: { probe: () => { arrived(); return answer; } } } });
    const { listeners, urls } = await listen({ httpPort: 0 });
    const agent = new Agent({ keepAlive: true });
    const waiting = new Promise<IncomingMessage>((resolve, reject) => get(`${urls[0]}/ready`, { agent }, resolve).on('error', reject));
    waiting.catch(() => {});
    await asked;
    return { listeners, url: urls[0]!, waiting, release: () => release(), agent };
  }

  it('lets a request that is under way end, takes no new connection, and closes kept-alive ones', async () => {
    const { listeners, url, waiting, release, agent } = await withSlowRequest();
    const idle = connect(portOf(url), '127.0.0.1');
    await once(idle, 'connect');
    idle.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(idle, 'data');
    const idleClosed = once(idle.resume(), 'close');
    const stopped = listeners.stop(10_000);
    await idleClosed;
    const refused = connect(portOf(url), '127.0.0.1');
    expect(((await once(refused, 'error')) as [NodeJS.ErrnoException])[0].code).toBe('ECONNREFUSED');
    release();
    const answer = await waiting;
    expect([answer.statusCode, await text(answer)]).toEqual([200, '{"status":"UP"}']);
    await stopped;
    agent.destroy();
  });

  it('cuts off what has not ended within the grace', async () => {
    const { listeners, waiting, agent, release } = await withSlowRequest();
    const stopped = listeners.stop(50);
    await expect(waiting).rejects.toMatchObject({ code: 'ECONNRESET' });
    release();
    await stopped;
    agent.destroy();
  });

  it('may be asked for twice, and before anything was started', async () => {
    const { listeners } = await listen({ httpPort: 0 });
    await Promise.all([listeners.stop(100), listeners.stop(100)]);
    await new HttpListeners({ app: api.app, credentials, log: api.log, bind: '::' }).stop(0);
    expect(credentials.listeners).toBe(0);
  });
});

it('an upload by a client that waits for 100 Continue is answered', async () => {
  const { urls } = await listen({ httpPort: 0 });
  const asking = request(`${urls[0]}/fleetgate/keys/rotate`, { method: 'POST', headers: { expect: '100-continue', 'content-length': 2, 'content-type': 'application/json', authorization: basic(`management/admin:${PASSWORD}`) } });
  asking.on('continue', () => asking.end('{}'));
  asking.flushHeaders();
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  expect([answer.statusCode, JSON.parse(await text(answer))]).toEqual([200, { kid: api.signer.keyId() }]);
});

describe('R04 A request that does not get on', () => {
  const bounds = { headersTimeout: 200, requestTimeout: 400, connectionsCheckingInterval: 50 };
  const HEAD = `POST /fleetgate/keys/rotate HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic(`management/admin:${PASSWORD}`)}\r\nContent-Type: application/json\r\n`;

  /** Sends the beginning, then a byte every 50 ms, and reads until the server closes. */
  async function drips(beginning: string, byte: string, connected: Socket): Promise<string> {
    connected.on('error', () => undefined); // the server closes while bytes are under way
    connected.write(beginning);
    const dripping = setInterval(() => connected.writable && connected.write(byte), 50);
    const chunks: Buffer[] = [];
    connected.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(connected, 'close');
    clearInterval(dripping);
    return Buffer.concat(chunks).toString();
  }

  it.each([
    ['headers, one byte after the other', HEAD, 'x'],
    ['no line at all', '', ''],
    ['a body, one byte after the other', `${HEAD}Content-Length: 1000\r\n\r\n{`, ' '],
    ['a chunked body that never ends', `${HEAD}Transfer-Encoding: chunked\r\n\r\n`, '1\r\n \r\n'],
  ])('is answered with 408 and closed: %s', async (_what, beginning, byte) => {
    const { urls: [plain = ''] } = await listen({ httpPort: 0, bounds });
    const answer = await drips(beginning, byte, connect(portOf(plain), '127.0.0.1'));
    expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\nConnection: close\r\n/);
    expect(JSON.parse(answer.split('\r\n\r\n')[1]!)).toMatchObject({ error: 'general/Request Timeout' });
    expect(api.events).toEqual([]);
  });

  it('does so over TLS too, and holds up nobody else', async () => {
    const { urls: [url = '', plain = ''] } = await listen({ httpsPort: 0, httpPort: 0, bounds });
    const slow = drips(HEAD, 'x', connectTls({ port: portOf(url), host: '127.0.0.1', rejectUnauthorized: false }));
    const [answer] = (await once(get(`${plain}/health`), 'response')) as [IncomingMessage];
    expect([answer.statusCode, await text(answer)]).toEqual([200, '{"status":"UP"}']);
    expect(await slow).toMatch(/^HTTP\/1\.1 408 /);
  });
});
