import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface GateWish {
  /** Settings beyond free ports and the data directory. */
  readonly env?: Readonly<Record<string, string>>;
  /** A new temporary one if absent; the caller removes it by `remove` of the first server. */
  readonly dataDir?: string;
  /** What is run, with the arguments. By default this Node and `src/launch.mjs serve`. */
  readonly command?: readonly [string, ...string[]];
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A Fleetgate in a process of its own, on free ports of the loopback address. */
export interface GateProcess {
  readonly process: ChildProcess;
  readonly dataDir: string;
  /** Every line of the log so far, parsed. */
  readonly log: readonly LogLine[];
  /** What it wrote to both outputs so far, as it came. */
  output(): string;
  /** The first line of the log, past or to come, that holds this text; rejects when the process ends without it. */
  logged(text: string): Promise<LogLine>;
  readonly ended: Promise<Ended>;
  /** Ends it at once, if it still runs, and removes a directory that was made for it. */
  remove(): Promise<void>;
}

export interface RunningGate extends GateProcess {
  /** Port of each listener, in the order of the settings. */
  readonly mqtts: readonly number[];
  readonly https: number;
  readonly mtls: number;
  readonly http: number;
  /** PEM file that clients trust. */
  readonly caFile: string;
  /** Of the administrator `admin`, in the tenants `main` and `management`. */
  readonly password: string;
}

export type LogLine = Readonly<Record<string, unknown>> & { readonly msg: string };

const FREE_PORTS = {
  FLEETGATE_BIND: '127.0.0.1',
  FLEETGATE_MQTT_TLS_PORTS: '0,0',
  FLEETGATE_HTTPS_PORT: '0',
  FLEETGATE_MTLS_PORT: '0',
  FLEETGATE_HTTP_PORT: '0',
};

/** Starts a server without waiting for anything. */
export function aGateProcess({ env = {}, dataDir, command = [process.execPath, join(ROOT, 'src/launch.mjs'), 'serve'] }: GateWish = {}): GateProcess {
  const folder = dataDir ?? mkdtempSync(join(tmpdir(), 'fleetgate-server-'));
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('FLEETGATE_') && name !== 'NODE_OPTIONS'));
  const [file, ...args] = command;
  const child = spawn(file, args, {
    cwd: command[0] === 'npm' ? ROOT : folder, // where there is no .env
    env: { ...inherited, ...FREE_PORTS, FLEETGATE_DATA_DIR: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts: string[] = [];
  const log: LogLine[] = [];
  const waiting = new Set<() => void>();
  child.stderr.on('data', (data: Buffer) => texts.push(data.toString()));
  createInterface({ input: child.stdout }).on('line', (line) => {
    texts.push(`${line}\n`);
    if (line.startsWith('{')) log.push(JSON.parse(line) as LogLine);
    for (const look of waiting) look();
  });
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal }) as Ended);
  const logged = (text: string): Promise<LogLine> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = log.find((line) => JSON.stringify(line).includes(text));
        if (found) resolve(found);
        if (found) waiting.delete(look);
      };
      waiting.add(look);
      look();
      void ended.then(() => reject(new Error(`the server ended without logging "${text}":\n${texts.join('')}`)));
    });
  return {
    process: child,
    dataDir: folder,
    log,
    output: () => texts.join(''),
    logged,
    ended,
    remove: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await ended;
      if (dataDir === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Starts a server and waits until it serves. */
export async function aRunningGate(wish: GateWish = {}): Promise<RunningGate> {
  const server = aGateProcess(wish);
  try {
    const ready = await server.logged('Fleetgate is ready');
    const ports = (scheme: string): number[] =>
      (ready['listening'] as string[]).filter((url) => url.startsWith(`${scheme}:`)).map((url) => Number(new URL(url).port));
    const passwordFile = join(server.dataDir, 'initial-admin-password');
    return {
      ...server,
      mqtts: ports('mqtts'),
      https: ports('https')[0]!,
      mtls: ports('https')[1]!,
      http: ports('http')[0]!,
      caFile: String(ready['ca']),
      password: existsSync(passwordFile) ? readFileSync(passwordFile, 'utf8').trim() : '',
    };
  } catch (error) {
    await server.remove();
    throw error;
  }
}

/** `fetch` against the loopback port, as an administrator: `api(server, '/tenant/currentTenant')`. */
export function api(server: RunningGate, path: string, init: RequestInit = {}, login = `main/admin:${server.password}`): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set('authorization', `Basic ${Buffer.from(login).toString('base64')}`);
  return fetch(`http://127.0.0.1:${server.http}${path}`, { ...init, headers });
}
