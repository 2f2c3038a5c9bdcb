import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, jest } from '@jest/globals';
import mqtt, { type IDisconnectPacket } from 'mqtt';
import { itWith, oldNode } from '../support/clients.ts';
import { aDevice, aRoot, temporaryDirectory, writePemFiles } from '../support/pki.ts';
import { aGateProcess, api, aRunningGate, ROOT, type GateProcess, type GateWish, type RunningGate } from '../support/running-gate.ts';

// Some tests start several processes, on machines that do other things as well.
jest.setTimeout(90_000);

const directory = temporaryDirectory();
afterAll(() => directory.remove());

const started: GateProcess[] = [];
afterEach(async () => {
  for (const gate of started.splice(0)) await gate.remove();
});
const running = async (wish?: GateWish): Promise<RunningGate> => {
  const gate = await aRunningGate(wish);
  started.push(gate);
  return gate;
};
const starting = (wish?: GateWish): GateProcess => {
  const gate = aGateProcess(wish);
  started.push(gate);
  return gate;
};

const launcher = join(ROOT, 'src/launch.mjs');
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);
const refused = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(socket.destroy() && false));
    socket.once('error', () => resolve(true));
  });
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** A request whose body never comes to its end: work under way that no grace is long enough for. */
async function anEndlessUpload(gate: RunningGate): Promise<void> {
  const upload = request({
    host: '127.0.0.1',
    port: gate.http,
    path: '/tenant/tenants/main/trusted-certificates',
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`main/admin:${gate.password}`).toString('base64')}`, 'content-type': 'application/json', 'content-length': '1000' },
  });
  upload.on('error', () => undefined);
  upload.write('{"name":');
  const [socket] = (await once(upload, 'socket')) as [Socket];
  if (socket.connecting) await once(socket, 'connect');
  // The server has the request when it answers another that came later on the same port.
  await api(gate, '/health');
}

describe('The first start on an empty directory', () => {
  it('makes two tenants with one administrator, and says where the password is without saying it', async () => {
    const gate = await running();
    expect(gate.password).toMatch(/^[a-z0-9-]{20,}$/);
    expect(modeOf(gate.dataDir)).toBe('700');
    expect(modeOf(join(gate.dataDir, 'initial-admin-password'))).toBe('600');
    expect(modeOf(join(gate.dataDir, 'fleetgate.sqlite'))).toBe('600');
    for (const tenant of ['main', 'management']) {
      const answer = await api(gate, '/tenant/currentTenant', {}, `${tenant}/admin:${gate.password}`);
      expect([tenant, answer.status]).toEqual([tenant, 200]);
    }
    expect((await api(gate, '/tenant/currentTenant', {}, `main/admin:${gate.password}x`)).status).toBe(401);
    expect(gate.output()).not.toContain(gate.password);
    expect(gate.output()).toContain(join(gate.dataDir, 'initial-admin-password'));
  });

  it('names the ports, the file of the CA and the command to type next', async () => {
    const gate = await running();
    const ready = await gate.logged('Fleetgate is ready');
    expect(ready['listening']).toEqual([
      ...gate.mqtts.map((port) => `mqtts://127.0.0.1:${port}`),
      `https://127.0.0.1:${gate.https}`,
      `https://127.0.0.1:${gate.mtls}`,
      `http://127.0.0.1:${gate.http}`,
    ]);
    expect(readFileSync(gate.caFile, 'utf8')).toContain('BEGIN CERTIFICATE');
    expect((await gate.logged('Next, ')).msg).toContain('npx fleetgate trust add ca.pem --auto-registration');
  });

  it('uses the password that it is given, and writes it nowhere', async () => {
    const password = 'correct horse battery';
    const gate = await running({ env: { FLEETGATE_ADMIN_PASSWORD: password, FLEETGATE_TENANT: 'acme', FLEETGATE_ADMIN_USER: 'ops' } });
    expect((await api(gate, '/tenant/currentTenant', {}, `acme/ops:${password}`)).status).toBe(200);
    expect(existsSync(join(gate.dataDir, 'initial-admin-password'))).toBe(false);
    expect(gate.output()).not.toContain(password);
    const files = readdirSync(gate.dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.filter((file) => readFileSync(join(file.parentPath, file.name)).includes(password))).toEqual([]);
    expect(files.length).toBeGreaterThan(3);
  });

  it('happens once: the next start finds everything as it was', async () => {
    const first = await running();
    first.process.kill('SIGTERM');
    await first.ended;
    const second = await running({ dataDir: first.dataDir });
    expect(second.password).toBe(first.password);
    expect((await api(second, '/tenant/currentTenant')).status).toBe(200);
    expect(second.output()).not.toContain('First start');
    expect(second.output()).not.toContain('tenant.created');
  });
});

describe('SIGTERM and SIGINT', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('%s closes every door and ends with 0', async (signal) => {
    const gate = await running();
    gate.process.kill(signal);
    expect(await gate.ended).toEqual({ code: 0, signal: null });
    for (const port of [...gate.mqtts, gate.https, gate.http]) expect(await refused(port)).toBe(true);
    expect(gate.log.at(-1)?.msg).toBe('Fleetgate has ended.');
    // SQLite folds its log into the file when the last connection closes.
    expect(existsSync(join(gate.dataDir, 'fleetgate.sqlite-wal'))).toBe(false);
  });

  it('tells MQTT 5 clients that the server is shutting down (0x8B)', async () => {
    const gate = await running();
    const [root, device] = [await aRoot(), await aDevice()];
    const files = writePemFiles(join(directory.path, 'shutdown'), 'press-7', device);
    const added = await api(gate, '/tenant/tenants/main/trusted-certificates', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'root', status: 'ENABLED', autoRegistrationEnabled: true, certInPemFormat: root.certificatePem }),
    });
    expect(added.status).toBe(201);
    const client = await mqtt.connectAsync(`mqtts://localhost:${gate.mqtts[0]}`, {
      host: '127.0.0.1',
      servername: 'localhost',
      protocolVersion: 5,
      clientId: 'press-7',
      ca: readFileSync(gate.caFile),
      cert: readFileSync(files.chain),
      key: readFileSync(files.key),
      reconnectPeriod: 0,
    });
    const told = new Promise<IDisconnectPacket>((resolve) => client.on('disconnect', resolve));
    client.on('error', () => undefined);
    gate.process.kill('SIGTERM');
    expect((await told).reasonCode).toBe(0x8b);
    expect(await gate.ended).toEqual({ code: 0, signal: null });
    await client.endAsync(true);
  });

  it('F03 end work that takes longer than the grace, and still exit with 0', async () => {
    const gate = await running({ env: { FLEETGATE_SHUTDOWN_GRACE_MS: '200' } });
    await anEndlessUpload(gate);
    gate.process.kill('SIGTERM');
    expect(await gate.ended).toEqual({ code: 0, signal: null });
  });

  it.each([['SIGTERM', 143], ['SIGINT', 130]] as const)('F04 a second %s ends at once, with %i', async (signal, code) => {
    const gate = await running({ env: { FLEETGATE_SHUTDOWN_GRACE_MS: '600000' } });
    await anEndlessUpload(gate);
    gate.process.kill(signal);
    await gate.logged('Fleetgate is ending');
    await new Promise((resolve) => setTimeout(resolve, 400)); // later than one Ctrl-C that comes twice
    gate.process.kill(signal);
    expect(await gate.ended).toEqual({ code, signal: null });
  });

  it('one Ctrl-C that comes twice, from the terminal and from npm, is one', async () => {
    const gate = await running({ env: { FLEETGATE_SHUTDOWN_GRACE_MS: '1000' } });
    await anEndlessUpload(gate);
    gate.process.kill('SIGINT');
    await gate.logged('Fleetgate is ending');
    gate.process.kill('SIGINT');
    expect(await gate.ended).toEqual({ code: 0, signal: null });
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('%s reaches the server through npm start, which ends with 0 and leaves nothing behind', async (signal) => {
    const gate = await running({ command: ['npm', 'start'] });
    const server = Number(execFileSync('ps', ['-o', 'pid=', '--ppid', String(gate.process.pid)], { encoding: 'utf8' }).trim().split(/\s+/)[0]);
    expect(isAlive(server)).toBe(true);
    gate.process.kill(signal);
    expect(await gate.ended).toEqual({ code: 0, signal: null });
    expect(gate.output()).toContain('Fleetgate has ended.');
    expect(isAlive(server)).toBe(false);
  });
});

describe('The launcher under an old Node', () => {
  itWith('oldNode')('runs the pinned one, passes signals on and ends as it does', async () => {
    const gate = await running({ command: [oldNode()!, launcher, 'serve'] });
    gate.process.kill('SIGTERM');
    expect(await gate.ended).toEqual({ code: 0, signal: null });
    expect(gate.log.at(-1)?.msg).toBe('Fleetgate has ended.');
    const wrong = starting({ command: [oldNode()!, launcher, 'serve', '--no-such-option'] });
    expect(await wrong.ended).toEqual({ code: 2, signal: null });
  });

  itWith('oldNode')('F01 killed by -9, leaves no server behind that would keep the ports from the next start', async () => {
    const gate = await running({ command: [oldNode()!, launcher, 'serve'] });
    gate.process.kill('SIGKILL');
    // `ended` waits for the outputs too, which the server has inherited.
    expect(await gate.ended).toEqual({ code: null, signal: 'SIGKILL' });
    expect(await refused(gate.http)).toBe(true);
  });
});

describe('A start that cannot succeed', () => {
  it('says every wrong setting at once and exits with 2', async () => {
    const gate = starting({ env: { FLEETGATE_HTTP_PORT: 'eighty', FLEETGATE_LOG_LEVEL: 'loud' } });
    expect(await gate.ended).toEqual({ code: 2, signal: null });
    expect(gate.output()).toMatch(/2 settings are wrong[^]*FLEETGATE_HTTP_PORT: "eighty"[^]*FLEETGATE_LOG_LEVEL: "loud"/);
  });

  it('warns of a misspelt setting and starts', async () => {
    const gate = await running({ env: { FLEETGATE_HTTP_PROT: '80' } });
    await gate.logged('did you mean FLEETGATE_HTTP_PORT?');
  });

  it('names the setting of a port that is taken, and leaves no door open', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const gate = starting({ env: { FLEETGATE_HTTP_PORT: String(port) } });
    const ended = await gate.ended;
    other.close();
    expect(ended).toEqual({ code: 1, signal: null });
    expect(gate.log.at(-1)?.msg).toMatch(/^Fleetgate cannot go on: .*FLEETGATE_HTTP_PORT/);
    expect(existsSync(join(gate.dataDir, 'fleetgate.sqlite-wal'))).toBe(false);
  });

  it('J11 is refused without the signing key, and a new one is made only when asked for', async () => {
    const first = await running();
    first.process.kill('SIGTERM');
    await first.ended;
    rmSync(join(first.dataDir, 'keys'), { recursive: true });
    const refusedStart = starting({ dataDir: first.dataDir });
    expect(await refusedStart.ended).toEqual({ code: 1, signal: null });
    expect(refusedStart.log.at(-1)?.msg).toMatch(/there is no signing key .* Restore the folder .*fleetgate serve --new-signing-key/);
    expect(existsSync(join(first.dataDir, 'keys'))).toBe(false);
    const again = await running({ dataDir: first.dataDir, command: [process.execPath, launcher, 'serve', '--new-signing-key'] });
    expect((await api(again, '/tenant/currentTenant')).status).toBe(200);
  });

  it('says that the data directory cannot be used, and which setting names another', async () => {
    const gate = starting({ env: { FLEETGATE_DATA_DIR: '/dev/null/data' } });
    expect(await gate.ended).toEqual({ code: 1, signal: null });
    expect(gate.log.at(-1)?.msg).toMatch(/The data directory \/dev\/null\/data cannot be used .* FLEETGATE_DATA_DIR/);
  });

  it('leaves the modes of a directory in use alone, and says what to do', async () => {
    const dataDir = join(directory.path, 'shared');
    mkdirSync(join(dataDir, 'of-somebody-else'), { recursive: true, mode: 0o755 });
    const gate = await running({ dataDir });
    expect(modeOf(dataDir)).toBe('755');
    expect((await gate.logged('Others may look')).msg).toContain(`chmod 700 ${dataDir}`);
  });
});

describe('A defect', () => {
  it('is logged with its place and ends the program with 1', async () => {
    const gate = await running({ env: { FLEETGATE_MODULES: join(ROOT, 'test/support/modules/fails-later.ts') } });
    const root = await aRoot();
    // The upload asks for an identifier, for its code; its answer may come or not.
    await api(gate, '/tenant/tenants/main/trusted-certificates', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'root', status: 'ENABLED', autoRegistrationEnabled: true, certInPemFormat: root.certificatePem }),
    }).catch(() => undefined);
    expect(await gate.ended).toEqual({ code: 1, signal: null });
    const line = gate.log.at(-1);
    expect(line).toMatchObject({ level: 'error', error: { message: 'a defect planted by a test', stack: expect.arrayContaining([expect.stringContaining('fails-later.ts')]) } });
  });
});
