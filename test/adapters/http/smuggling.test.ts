import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HttpListeners } from '../../../src/adapters/http/http-listeners.ts';
import { aServer, rootOf } from '../../support/pki.ts';
import { anApi, basic, PASSWORD, type Api } from './an-api.ts';

const AUTH = `Authorization: ${basic(`management/admin:${PASSWORD}`)}\r\n`;
/** What a request that is hidden in another one would do, if it were taken for one: it leaves a line in the audit. */
const HIDDEN = `POST /fleetgate/keys/rotate HTTP/1.1\r\nHost: x\r\n${AUTH}Content-Length: 0\r\n\r\n`;
const HEAD = `POST /fleetgate/devices/x/unblock HTTP/1.1\r\nHost: x\r\n${AUTH}`;
const TE = 'Transfer-Encoding: chunked';

let api: Api;
let listeners: HttpListeners;
let ports: readonly number[];
let ca: string;
beforeEach(async () => {
  api = await anApi();
  const server = await aServer();
  ca = rootOf(server).certificatePem;
  const credentials = { current: () => ({ cert: server.certificatePem, key: server.keyPem, names: [], notAfter: new Date() }), onChange: () => () => {} };
  listeners = new HttpListeners({ app: api.app, credentials, log: api.log, bind: '127.0.0.1', httpsPort: 0, httpPort: 0 });
  ports = (await listeners.start()).map((url) => Number(new URL(url).port));
});
afterEach(async () => {
  await listeners.stop(0);
  await api.close();
});

/** Sends bytes as they are, and resolves with all that comes back until the server closes. */
async function raw(bytes: string, { tls = false } = {}): Promise<string> {
  const [port, encrypted] = [ports[tls ? 0 : 1]!, tls];
  const socket = encrypted ? connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca }) : connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, encrypted ? 'secureConnect' : 'connect');
  socket.write(Buffer.from(bytes, 'latin1'));
  return text(socket);
}
const statusesOf = (answers: string): readonly number[] => [...answers.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
const rotated = (): number => api.events.filter(({ what }) => what === 'keys.rotated').length;

const ROWS: readonly (readonly [string, string])[] = [
  ['Content-Length before Transfer-Encoding', `${HEAD}Content-Length: 5\r\n${TE}\r\n\r\n0\r\n\r\n${HIDDEN}`],
  ['Transfer-Encoding before Content-Length', `${HEAD}${TE}\r\nContent-Length: ${HIDDEN.length + 5}\r\n\r\n0\r\n\r\n${HIDDEN}`],
  ['Transfer-Encoding in other letters beside a length', `${HEAD}Content-Length: 5\r\ntRANSFER-eNCODING: CHUNKED\r\n\r\n0\r\n\r\n${HIDDEN}`],
  ['two lengths that differ', `${HEAD}Content-Length: 0\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`],
  ['two lengths that agree', `${HEAD}Content-Length: 0\r\nContent-Length: 0\r\n\r\n${HIDDEN}`],
  ['a list of lengths', `${HEAD}Content-Length: 0, ${HIDDEN.length}\r\n\r\n${HIDDEN}`],
  ['a length with a sign', `${HEAD}Content-Length: +0\r\n\r\n${HIDDEN}`],
  ['a negative length', `${HEAD}Content-Length: -1\r\n\r\n${HIDDEN}`],
  ['a length in hex', `${HEAD}Content-Length: 0x10\r\n\r\n${HIDDEN}`],
  ['a length beyond 64 bits', `${HEAD}Content-Length: 18446744073709551616\r\n\r\n${HIDDEN}`],
  ['an empty length', `${HEAD}Content-Length: \r\n\r\n${HIDDEN}`],
  ['an encoding that is none', `${HEAD}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${HIDDEN}`],
  ['chunked before another encoding', `${HEAD}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${HIDDEN}`],
  ['two encodings in two headers', `${HEAD}${TE}\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n${HIDDEN}`],
  ['an encoding behind a vertical tab', `${HEAD}Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n${HIDDEN}`],
  ['a space before the colon', `${HEAD}Content-Length: 5\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n${HIDDEN}`],
  ['a tab before the colon', `${HEAD}Content-Length\t: 0\r\n\r\n${HIDDEN}`],
  ['a folded encoding', `${HEAD}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n${HIDDEN}`],
  ['a folded header', `${HEAD}X-A: b\r\n Content-Length: 0\r\n\r\n${HIDDEN}`],
  ['a header folded by a tab', `${HEAD}X-A: b\r\n\tc\r\n\r\n${HIDDEN}`],
  ['a first header that begins with a space', `POST /fleetgate/devices/x/unblock HTTP/1.1\r\n Host: x\r\n${AUTH}\r\n${HIDDEN}`],
  ['bare line feeds', `${HEAD}Content-Length: 0\r\n\r\n${HIDDEN}`.replaceAll('\r\n', '\n')],
  ['a bare line feed between two headers', `${HEAD}X-A: b\nContent-Length: 0\r\n\r\n${HIDDEN}`],
  ['a bare line feed at the end of the headers', `${HEAD}Content-Length: 0\r\n\n${HIDDEN}`],
  ['a bare carriage return in a header', `${HEAD}X-A: b\rContent-Length: 0\r\n\r\n${HIDDEN}`],
  ['NUL in a header', `${HEAD}X-A: b\x00c\r\n\r\n${HIDDEN}`],
  ['a header without a name', `${HEAD}: b\r\n\r\n${HIDDEN}`],
  ['a header without a colon', `${HEAD}Content-Length\r\n\r\n${HIDDEN}`],
  ['a size of a chunk that is no number', `${HEAD}${TE}\r\n\r\nz\r\n\r\n${HIDDEN}`],
  ['a size of a chunk with a sign', `${HEAD}${TE}\r\n\r\n+0\r\n\r\n${HIDDEN}`],
  ['a size of a chunk in 0x', `${HEAD}${TE}\r\n\r\n0x0\r\n\r\n${HIDDEN}`],
  ['a size of a chunk beyond 64 bits', `${HEAD}${TE}\r\n\r\n10000000000000000\r\n${HIDDEN}`],
  ['a chunk that ends by a line feed', `${HEAD}${TE}\r\n\r\n2\r\n{}\n0\r\n\r\n${HIDDEN}`],
  ['a size of a chunk that ends by a line feed', `${HEAD}${TE}\r\n\r\n0\n\r\n${HIDDEN}`],
  ['a chunk longer than it says', `${HEAD}${TE}\r\n\r\n1\r\n{}\r\n0\r\n\r\n${HIDDEN}`],
  ['a version that is none', `POST /fleetgate/devices/x/unblock HTTP/1.9\r\nHost: x\r\n${AUTH}\r\n${HIDDEN}`],
  ['a method in lower case', `post /fleetgate/devices/x/unblock HTTP/1.1\r\nHost: x\r\n${AUTH}\r\n${HIDDEN}`],
  ['a path with a space', `POST /fleetgate/devices/x y/unblock HTTP/1.1\r\nHost: x\r\n${AUTH}\r\n${HIDDEN}`],
];

describe('A request of which two programs could see two ends', () => {
  it.each(ROWS)('R03 is 400, ends the connection, and hides no other one: %s', async (_what, bytes) => {
    for (const tls of [false, true]) {
      const answers = await raw(bytes, { tls });
      // What was read before the fault may have been answered for what it was; after the fault nothing is.
      expect([statusesOf(answers).at(-1), rotated()]).toEqual([400, 0]);
      expect(statusesOf(answers).length).toBeLessThanOrEqual(2);
      expect(answers.slice(answers.lastIndexOf('HTTP/1.1 4'))).toMatch(/connection: close/i);
    }
  });
});

describe('A connection whose client asked for an upgrade', () => {
  // Node would tell no fault of what comes behind, and leave the client without an answer until the time-out.
  it.each(['h2c', 'websocket', 'TLS/1.2'])('R03 R04 ends with the answer to that: %s', async (protocol) => {
    const asking = (line: string) => `${line} HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: ${protocol}\r\n\r\n`;
    for (const line of ['GET /health', 'HEAD /health', 'GET /nowhere', 'GET /user/currentUser']) {
      const began = performance.now();
      for (const behind of ['', HIDDEN, ROWS[0]![1], `GET /health HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(70_000)}\r\n\r\n`]) {
        const answers = await raw(asking(line) + behind);
        expect([line, statusesOf(answers).length, /connection: close/i.test(answers), rotated()]).toEqual([line, 1, true, 0]);
      }
      expect(performance.now() - began).toBeLessThan(3000);
    }
  });
});

describe('A body that nobody reads', () => {
  // Refused before the body is read; what stands in the body is no request all the same.
  it.each<[string, string, string, number]>([
    ['of a request without credentials', 'POST /fleetgate/keys/rotate', '', 401],
    ['of a request under a path that is none', 'POST /nowhere', AUTH, 400],
    ['of a request by a page of another site', 'POST /fleetgate/keys/rotate', `${AUTH}Sec-Fetch-Site: cross-site\r\n`, 403],
    ['of a type that is not read', 'POST /fleetgate/devices/x/unblock', `${AUTH}Content-Type: text/plain\r\n`, 415],
    ['of a GET', 'GET /health', '', 200],
    ['of a question by a proxy', 'POST /auth/forward/x', '', 401],
    ['of a bulk file by somebody who may not send one', 'POST /devicecontrol/bulkNewDeviceRequests', `Authorization: ${basic(`main/reader:${PASSWORD}`)}\r\nContent-Type: text/csv\r\n`, 403],
    ['of an event’s file', 'POST /event/events/1/binaries', `${AUTH}Content-Type: application/octet-stream\r\n`, 404],
  ])('R03 is no second request: %s', async (_what, line, headers, status) => {
    const bye = 'GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
    for (const framing of [`Content-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`, `${TE}\r\n\r\n${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`]) {
      const answers = await raw(`${line} HTTP/1.1\r\nHost: x\r\n${headers}${framing}${bye}`);
      const [first, ...others] = statusesOf(answers);
      expect([first, others.filter((other) => other !== 200), others.length <= 1, rotated()]).toEqual([status, [], true, 0]);
    }
  });

  it('R03 does not hold up the next request where a proxy announced it and sent none', async () => {
    const answers = await raw(`GET /auth/forward HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\n`);
    expect(statusesOf(answers)).toEqual([401]);
  });

  it('the connection is good for two requests one after the other, which are two', async () => {
    const answers = await raw(HIDDEN + HIDDEN.replace('Host: x\r\n', 'Host: x\r\nConnection: close\r\n'));
    expect([statusesOf(answers), rotated()]).toEqual([[200, 200], 2]);
  });
});
