import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createTls, type Server } from 'node:https';
import { createServer as createTcp, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ApiClient } from '../../../src/adapters/cli/api-client.ts';
import { aRoot, aServer } from '../../support/pki.ts';
import { fakeApi, type Answer, type FakeApi } from './fake-api.ts';
import { runCli } from './run-cli.ts';

let dir: string;
let api: FakeApi | undefined;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fleetgate-cli-'));
});
afterEach(async () => {
  await api?.close();
  api = undefined;
  await rm(dir, { recursive: true });
});

const answering = async (answer: Answer | 'hang' | 'reset'): Promise<void> => {
  api = await fakeApi(() => answer);
};
const env = (more: Record<string, string> = {}): Record<string, string> => ({ FLEETGATE_URL: api?.url ?? 'http://127.0.0.1:1', FLEETGATE_PASSWORD: 'pw', ...more });
const LINE = ['devices', 'list'] as const;

describe('A command that the server refuses', () => {
  const details = { code: 'registration.unknown-device', remedy: 'List the devices and check the id.' };

  it('ends with 3, the message of the server, and what its details add', async () => {
    await answering({ status: 404, body: { error: 'x', message: 'No.', details } });
    expect(await runCli(LINE, { env: env() })).toEqual({
      exit: 3, out: '', err: 'error: No.\n  code: registration.unknown-device\n  what to do: List the devices and check the id.\n',
    });
  });

  it('says nothing twice', async () => {
    await answering({ status: 422, body: { message: `${details.code}: broken. ${details.remedy}`, details } });
    expect((await runCli(LINE, { env: env() })).err).toBe(`error: ${details.code}: broken. ${details.remedy}\n`);
  });

  it('prints it as JSON for programs', async () => {
    await answering({ status: 422, body: { message: 'No.', details } });
    const { exit, err } = await runCli([...LINE, '--json'], { env: env() });
    expect([exit, JSON.parse(err)]).toEqual([3, { error: 'No.', details }]);
  });

  it('says which settings to check when the password is wrong', async () => {
    await answering({ status: 401, body: { message: 'Invalid credentials! : Bad credentials' } });
    expect(await runCli(LINE, { env: env() })).toMatchObject({
      exit: 3, err: 'error: Invalid credentials! : Bad credentials. Check FLEETGATE_USER (tenant/user) and FLEETGATE_PASSWORD.\n',
    });
  });

  it('makes what the server says safe for a terminal', async () => {
    await answering({ status: 422, body: { message: 'x\u001b[2J\u202ey' } });
    expect((await runCli(LINE, { env: env() })).err).toBe('error: x\\x1b[2J\\x202ey\n');
  });
});

describe('A command that is told little', () => {
  it('takes blank settings for absent ones, as the server does', async () => {
    await answering({ body: { devices: [] } });
    const blank = { FLEETGATE_USER: '', FLEETGATE_TENANT: '', FLEETGATE_ADMIN_USER: '', FLEETGATE_CA: '' };
    expect((await runCli(LINE, { env: env(blank) })).exit).toBe(0);
    expect(api!.asked[0]!.headers.authorization).toBe(`Basic ${btoa('main/admin:pw')}`);
  });

  it.each(['', undefined])('asks where the setting FLEETGATE_HTTP_PORT lets the server listen, with FLEETGATE_URL %j', async (url) => {
    await answering({ body: { devices: [] } });
    const { port } = new URL(api!.url);
    const told = { FLEETGATE_HTTP_PORT: port, FLEETGATE_PASSWORD: 'pw', ...(url !== undefined && { FLEETGATE_URL: url }) };
    expect((await runCli(LINE, { env: told })).exit).toBe(0);
  });
});

describe('A command that fails', () => {
  it.each<[string, Answer | 'reset', string]>([
    ['the server is out of order', { status: 503, body: { message: 'Out of order.' } }, 'error: Out of order.\n'],
    ['something else answers', { status: 200, body: '<html>' }, 'with status 200 and not in the form of Fleetgate. Check FLEETGATE_URL.'],
    ['something else refuses', { status: 404, body: '<html>' }, 'with status 404 and not in the form of Fleetgate. Check FLEETGATE_URL.'],
    ['the connection is cut', 'reset', 'it closed the connection. Check that FLEETGATE_URL names the HTTP API'],
  ])('ends with 1 and a sentence when %s', async (_why, answer, sentence) => {
    await answering(answer);
    const { exit, err } = await runCli(LINE, { env: env() });
    expect(exit).toBe(1);
    expect(err).toContain(sentence);
    expect(err).not.toContain('    at ');
  });

  it('says how to start the server when nothing listens', async () => {
    const server = createTcp().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const { exit, err } = await runCli(LINE, { env: env({ FLEETGATE_URL: `http://127.0.0.1:${port}` }) });
    expect([exit, err]).toEqual([
      1, `error: Cannot ask http://127.0.0.1:${port}: nothing listens there. Start the server by \`npm start\`, or set FLEETGATE_URL.\n`,
    ]);
  });

  it('gives up a server that says nothing', async () => {
    await answering('hang');
    const client = new ApiClient({ access: { url: api!.url }, silenceMs: 50 });
    expect(await client.get('/x')).toEqual({
      granted: false, refusal: { exit: 1, message: expect.stringContaining('the server said nothing for 0 seconds') },
    });
  });

  it('shows the answer that comes before the file is sent', async () => {
    const server = createTcp((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.write('HTTP/1.1 413 X\r\nContent-Length: 21\r\n\r\n{"message":"So big."}'));
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) yield Buffer.alloc(65_536);
    }
    const client = new ApiClient({ access: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` } });
    expect(await client.upload('/x', { type: 'text/csv', bytes: endless() })).toEqual({ granted: false, refusal: { exit: 3, message: 'So big.' } });
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('An https server', () => {
  const open = async (): Promise<{ server: Server; url: string; ca: string }> => {
    const root = await aRoot();
    const { path, keyPem } = await aServer(root, ['127.0.0.1']);
    const cert = path.map(({ certificatePem }) => certificatePem).join('');
    const server = createTls({ cert, key: keyPem }, (_request, response) => response.end('{"devices":[]}')).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    await writeFile(join(dir, 'ca.pem'), root.certificatePem);
    return { server, url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, ca: join(dir, 'ca.pem') };
  };

  it('is asked when its CA is named, and else the command says how to name it', async () => {
    const { server, url, ca } = await open();
    expect((await runCli([...LINE, '--ca', ca], { env: env({ FLEETGATE_URL: url }) })).exit).toBe(0);
    expect((await runCli(LINE, { env: env({ FLEETGATE_URL: url, FLEETGATE_CA: ca }) })).exit).toBe(0);
    const { exit, err } = await runCli(LINE, { env: env({ FLEETGATE_URL: url }) });
    expect(exit).toBe(1);
    expect(err).toContain('not signed by a CA that this machine trusts. Name the CA: --ca <file>, or FLEETGATE_CA');
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  });

  it('is not what a plain server is', async () => {
    await answering({ body: {} });
    const { err } = await runCli(LINE, { env: env({ FLEETGATE_URL: api!.url.replace('http', 'https') }) });
    expect(err).toContain('it does not speak TLS there. Write http:// in FLEETGATE_URL');
  });
});

describe('The settings of a command', () => {
  const passwordFile = async (): Promise<Record<string, string>> => {
    await writeFile(join(dir, 'initial-admin-password'), 'first words\n');
    return { FLEETGATE_URL: api?.url ?? '', FLEETGATE_DATA_DIR: dir };
  };
  const authorization = (): string => atob(String(api!.asked.at(-1)!.headers.authorization).replace('Basic ', ''));

  it.each([
    ['an own tenant', ['devices', 'list'], {}, 'main/admin:first words'],
    ['the management tenant', ['keys', 'rotate'], {}, 'management/admin:first words'],
    ['another first tenant', ['devices', 'list'], { FLEETGATE_TENANT: 't1', FLEETGATE_ADMIN_USER: 'ada' }, 't1/ada:first words'],
    ['a user that is set', ['keys', 'rotate'], { FLEETGATE_USER: 'x/y' }, 'x/y:first words'],
    ['a password that is set', ['keys', 'rotate'], { FLEETGATE_PASSWORD: 'pw' }, 'management/admin:pw'],
  ])('are those of the first start on this machine, as far as they are not set: %s', async (_for, line, more, expected) => {
    await answering({ body: { devices: [], kid: 'k' } });
    expect((await runCli(line, { env: { ...(await passwordFile()), ...more } })).exit).toBe(0);
    expect(authorization()).toBe(expected);
  });

  it('never send the password that was found here to another machine', async () => {
    const { exit, err } = await runCli(LINE, { env: { ...(await passwordFile()), FLEETGATE_URL: 'http://fleetgate.example.com' } });
    expect([exit, err]).toEqual([2, 'error: There is no password: FLEETGATE_PASSWORD is not set. Set FLEETGATE_USER (tenant/user) and FLEETGATE_PASSWORD, or log in: fleetgate login.\n']);
  });

  it('say where the password is from that is no longer right', async () => {
    await answering({ status: 401, body: { message: 'No' } });
    const { exit, err } = await runCli(LINE, { env: await passwordFile() });
    expect([exit, err]).toEqual([
      3, `error: No. The password in ${join(dir, 'initial-admin-password')} is that of the first start. If it was changed since, log in with the new one: fleetgate login.\n`,
    ]);
  });

  it('are asked for when there is no password', async () => {
    const { exit, err } = await runCli(LINE, { env: { FLEETGATE_DATA_DIR: dir } });
    expect(exit).toBe(2);
    expect(err).toContain(`${join(dir, 'initial-admin-password')} cannot be read (ENOENT)`);
  });

  it.each([
    ['ftp://x', "must be an http or https address such as http://127.0.0.1:8080, not 'ftp://x'"],
    ['localhost:8080', 'must be an http or https address'],
    ['http://ada:pw@x', 'must hold no user or password'],
  ])('are refused when the address is %s', async (url, sentence) => {
    const { exit, err } = await runCli([...LINE, '--url', url], { env: env() });
    expect(exit).toBe(2);
    expect(err).toContain(sentence);
    expect(err).not.toContain('ada:pw');
  });

  it('are refused when --ca names no certificate', async () => {
    await writeFile(join(dir, 'x'), 'x');
    expect(await runCli([...LINE, '--ca', join(dir, 'x')], { env: env() })).toMatchObject({ exit: 2, err: expect.stringContaining('PEM file') });
  });

  it('are warned about when the password would go unencrypted to another machine', async () => {
    const { err } = await runCli(LINE, { env: env({ FLEETGATE_URL: 'http://fleetgate.invalid' }) });
    expect(err).toContain('warning: the password goes over the network unencrypted. Use https.');
  });
});
