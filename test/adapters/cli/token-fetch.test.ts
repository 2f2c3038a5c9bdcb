import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aDevice, anIntermediate, aServer, rootOf, temporaryDirectory, writePemFiles, type PemFiles } from '../../support/pki.ts';
import { runCli, type Ran } from './run-cli.ts';

let place: ReturnType<typeof temporaryDirectory>;
let server: Server;
let port: number;
let device: PemFiles;
let asked: { what: string; subject: string; chain: number; authorization: string | undefined }[];
let answer: { status: number; body: object };
beforeEach(async () => {
  place = temporaryDirectory();
  const minted = await aServer();
  const ca = join(place.path, 'tls', 'ca.pem');
  mkdirSync(dirname(ca));
  writeFileSync(ca, rootOf(minted).certificatePem);
  device = writePemFiles(place.path, 'press-7', await aDevice(await anIntermediate()));
  [asked, answer] = [[], { status: 200, body: { accessToken: 'a.b.c', idToken: null } }];
  server = createServer({ cert: minted.certificatePem, key: minted.keyPem, requestCert: true, rejectUnauthorized: false }, (request, response) => {
    const shown = (request.socket as TLSSocket).getPeerCertificate(true);
    asked.push({ what: `${request.method} ${request.url}`, subject: String(shown.subject?.CN), chain: shown.issuerCertificate ? 2 : 1, authorization: request.headers.authorization });
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  place.remove();
});

const fetchToken = (words: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<Ran> =>
  runCli(['token', 'fetch', '--cert', device.chain, '--key', device.key, ...words], { env });

describe('fleetgate token fetch', () => {
  it('shows the certificate with its chain, and prints the token alone', async () => {
    const { exit, out, err } = await fetchToken(['--url', `https://127.0.0.1:${port}`, '--ca', join(place.path, 'tls/ca.pem')]);
    expect([exit, out, err]).toEqual([0, 'a.b.c\n', '']);
    expect(asked).toEqual([{ what: 'POST /devicecontrol/deviceAccessToken', subject: 'press-7', chain: 2, authorization: undefined }]);
  });

  it('finds the server of this folder, and whom it is to trust', async () => {
    expect(await fetchToken([], { FLEETGATE_MTLS_PORT: String(port), FLEETGATE_DATA_DIR: place.path })).toMatchObject({ exit: 0, out: 'a.b.c\n' });
    const far = await fetchToken([], { FLEETGATE_URL: 'http://127.0.0.1:1', FLEETGATE_MTLS_PORT: String(port), FLEETGATE_DATA_DIR: place.path });
    expect([far.exit, far.err]).toEqual([0, '']);
  });

  it('takes the name that curl has for the CA, and prints all of the answer as JSON', async () => {
    const { out } = await fetchToken(['--json', '--url', `https://127.0.0.1:${port}`, '--cacert', join(place.path, 'tls/ca.pem')]);
    expect(JSON.parse(out)).toEqual(answer.body);
  });

  it('says why there is no token', async () => {
    answer = { status: 401, body: { error: 'security/Unauthorized', message: 'Invalid certificate chain!', details: { code: 'tenant.anchor-disabled', remedy: 'Enable it.' } } };
    const words = ['--url', `https://127.0.0.1:${port}`, '--ca', join(place.path, 'tls/ca.pem')];
    expect(await fetchToken(words)).toMatchObject({ exit: 3, out: '', err: 'error: Invalid certificate chain!\n  code: tenant.anchor-disabled\n  what to do: Enable it.\n' });
    answer = { status: 200, body: {} };
    expect(await fetchToken(words)).toMatchObject({ exit: 1, out: '', err: expect.stringContaining('without a token') });
    expect(await fetchToken(['--url', `https://127.0.0.1:${port}`])).toMatchObject({ exit: 1, err: expect.stringContaining('Name the CA: --ca') });
  });

  it.each([
    ['a key of another certificate', () => ['--key', writePemFilesOf('other')], 'is not the key of the first certificate'],
    ['no key', () => ['--key', '/nowhere/x'], 'ENOENT'],
    ['an address without TLS', () => ['--url', 'http://127.0.0.1:8080'], 'must begin with https'],
  ])('asks nothing of the server with %s', async (_what, words, why) => {
    expect(await fetchToken(words())).toMatchObject({ exit: 2, err: expect.stringContaining(why) });
    expect(asked).toEqual([]);
  });
  const writePemFilesOf = (name: string): string => {
    writeFileSync(join(place.path, `${name}.key`), strangerKey);
    return join(place.path, `${name}.key`);
  };
  let strangerKey: string;
  beforeEach(async () => {
    strangerKey = (await aDevice(undefined, { commonName: 'stranger' })).keyPem;
  });
});
