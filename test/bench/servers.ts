/** The servers that are compared, each a process of its own on CPU 0. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../support/free-port.ts';
import { lookerAt, WATCHED, type Look } from '../support/watched-gate.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Contestant {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
  /** Of its HTTP API, where it has one. */
  readonly http?: number;
  stop(): void;
  /** How it ended: the exit code, or the signal. */
  readonly ended: Promise<number | string>;
}

interface Place {
  /** Certificates of `mkcerts`. */
  readonly pki: string;
  /** A folder that is thrown away afterwards; who starts there again finds what was before. */
  readonly folder: string;
  /** Of Node, such as `--max-old-space-size=128`. */
  readonly nodeOptions?: readonly string[];
}

/** A Fleetgate that can be asked what it holds. */
export interface WatchedContestant extends Contestant {
  look(): Promise<Look>;
}

/** Fleetgate as it is delivered: SQLite in a file, JSON log into a file, the CA of `pki` trusted with automatic registration. */
export async function fleetgate(place: Place): Promise<Contestant> {
  const { child, ports } = await startFleetgate(place, 'inherit');
  return { ...contestant('fleetgate', child, ports.mqtt), http: ports.http };
}

/** The same, which tells of its memory and its event loop. */
export async function watchedFleetgate(place: Place): Promise<WatchedContestant> {
  const { child, ports } = await startFleetgate({ ...place, nodeOptions: WATCHED }, 'pipe');
  return { ...contestant('fleetgate', child, ports.mqtt), http: ports.http, look: lookerAt(child) };
}

async function startFleetgate({ pki, folder, nodeOptions = [] }: Place, errors: 'inherit' | 'pipe') {
  const [mqtt, http] = [await freePort(), await freePort()];
  const dataDir = join(folder, 'data');
  const child = onCpu0(process.execPath, [join(ROOT, 'src/launch.mjs'), 'serve'], {
    FLEETGATE_DATA_DIR: dataDir,
    FLEETGATE_MQTT_TLS_PORTS: String(mqtt),
    FLEETGATE_HTTP_PORT: String(http),
    FLEETGATE_HTTPS_PORT: 'off',
    FLEETGATE_MTLS_PORT: 'off',
    FLEETGATE_TLS_CERT: join(pki, 'server-ec.pem'),
    FLEETGATE_TLS_KEY: join(pki, 'server-ec.key'),
    FLEETGATE_ADMIN_PASSWORD: 'bench bench',
    NODE_OPTIONS: nodeOptions.join(' '),
  }, errors);
  await until(child, 'Fleetgate is ready');
  const answer = await fetch(`http://127.0.0.1:${http}/tenant/tenants/main/trusted-certificates`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Basic ${Buffer.from('main/admin:bench bench').toString('base64')}` },
    body: JSON.stringify({ status: 'ENABLED', autoRegistrationEnabled: true, certInPemFormat: readFileSync(join(pki, 'root.pem'), 'utf8') }),
  });
  if (answer.status !== 201 && answer.status !== 409) throw new Error(`the CA was not trusted: ${answer.status} ${await answer.text()}`);
  return { child, ports: { mqtt, http } };
}

/** B of the tables: what Node's TLS costs alone. */
export async function bare({ pki }: Place): Promise<Contestant> {
  const port = await freePort();
  const child = onCpu0(process.execPath, [join(ROOT, 'test/bench/bare-server.mjs'), String(port), join(pki, 'server-ec.pem'), join(pki, 'server-ec.key')]);
  await until(child, 'ready');
  return contestant('bare Node', child, port);
}

/** M of the tables. Undefined where it is not installed. */
export async function mosquitto({ pki, folder }: Place): Promise<Contestant | undefined> {
  const program = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto'].find((path) => existsSync(path));
  if (program === undefined) return undefined;
  const port = await freePort();
  const home = join(folder, 'mosquitto');
  mkdirSync(home);
  const lines = [
    `listener ${port} 127.0.0.1`,
    ...['certfile server-ec.pem', 'keyfile server-ec.key', 'cafile root.pem'].map((line) => line.replace(' ', ` ${pki}/`)),
    ...['require_certificate true', 'use_identity_as_username true', 'allow_anonymous true', 'user root', 'set_tcp_nodelay true', 'log_type none'],
  ];
  writeFileSync(join(home, 'mosquitto.conf'), `${lines.join('\n')}\n`);
  const child = onCpu0(program, ['-c', join(home, 'mosquitto.conf')]);
  await listening(port);
  return contestant('mosquitto', child, port);
}

function onCpu0(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}, errors: 'inherit' | 'pipe' = 'inherit'): ChildProcess {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('FLEETGATE_')));
  return spawn('taskset', ['-c', '0', program, ...args], { env: { ...inherited, ...env }, stdio: ['ignore', 'pipe', errors] });
}

/** `taskset` becomes the program, so that its id is the server's. */
const contestant = (name: string, child: ChildProcess, port: number): Contestant => ({
  ...{ name, port, pid: child.pid!, stop: () => void child.kill('SIGTERM') },
  ended: new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal ?? 0))),
});

function until(child: ChildProcess, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let printed = '';
    child.stdout!.on('data', (data: Buffer) => {
      if (printed.length < 100_000) printed += data.toString();
      if (printed.includes(text)) resolve();
    });
    child.once('exit', () => reject(new Error(`a server ended before it was ready:\n${printed}`)));
  });
}

async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (execFileSync('ss', ['-ltnH', `sport = :${port}`]).length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing listens on port ${port}`);
}
