/** A real PostgreSQL without rights: a folder, a port and a server of its own, gone with the run of the tests. */
import { spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { freePort } from './free-port.ts';
import { describeUnless } from './skips.ts';

const KEEPER = fileURLToPath(new URL('./postgres-keeper.mjs', import.meta.url));
const START_MS = 90_000;

/** Where initdb and pg_ctl are, if they are: Debian keeps them out of PATH. */
function programs(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)).map((version) => join(debian, version, 'bin')) : [];
  return [...versions, ...(process.env['PATH'] ?? '').split(':')].find((folder) => ['initdb', 'pg_ctl', 'postgres'].every((name) => existsSync(join(folder, name))));
}

const BIN = programs();

export const describeOnPostgres = describeUnless(BIN === undefined ? 'PostgreSQL is not installed: apt-get install postgresql' : undefined);

export interface PostgresServer {
  readonly port: number;
  readonly urlOf: (database: string, user?: string) => string;
  /** Takes TLS from now on, with this certificate and its key, beside plain connections. */
  encrypt(chainPem: string, keyPem: string): Promise<void>;
  /** Makes an empty database; resolves with its URL. */
  makeDatabase(): Promise<string>;
  /** What a superuser asks, in a connection of its own. */
  ask<Row extends object>(sql: string, database?: string): Promise<readonly Row[]>;
  /** As after a crash of PostgreSQL: nobody gets an answer any more. */
  stop(mode: 'immediate' | 'fast'): void;
  start(): void;
  end(): void;
}

/** One server for all suites of a run; the first one that asks starts it. */
export async function sharedPostgres(): Promise<PostgresServer> {
  const run = process.env['TEST_RUN_PID'] ?? String(process.pid);
  const folder = join(tmpdir(), `fleetgate-postgres-${run}`);
  if (madeFolder(folder)) await keep(folder, run);
  return opened(folder);
}

/** A server that a test may stop. `end` it. */
export async function ownPostgres(): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'fleetgate-postgres-own-'));
  await keep(folder, String(process.pid));
  return opened(folder);
}

function madeFolder(folder: string): boolean {
  try {
    mkdirSync(folder, { mode: 0o755 });
    return true;
  } catch {
    return false;
  }
}

async function keep(folder: string, watched: string): Promise<void> {
  const port = await freePort();
  spawn(process.execPath, [KEEPER, folder, BIN!, watched, String(port)], { detached: true, stdio: 'ignore' }).unref();
}

async function opened(folder: string): Promise<PostgresServer> {
  for (let waited = 0; !existsSync(join(folder, 'ready')); waited += 50) {
    if (existsSync(join(folder, 'failed'))) throw new Error(`PostgreSQL does not start: ${readFileSync(join(folder, 'failed'), 'utf8')}`);
    if (waited > START_MS) throw new Error(`PostgreSQL was not there within ${START_MS} ms.`);
    await pause(50);
  }
  const port = Number(readFileSync(join(folder, 'ready'), 'utf8'));
  const urlOf = (database: string, user = 'fleetgate'): string => `postgres://${user}@127.0.0.1:${port}/${database}`;
  const ask = async <Row extends object>(sql: string, database = 'postgres'): Promise<readonly Row[]> => {
    const client = new Client({ connectionString: urlOf(database) });
    await client.connect();
    try {
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end();
    }
  };
  return {
    port,
    urlOf,
    ask,
    encrypt: async (chainPem, keyPem) => {
      for (const [name, text] of [['server.crt', chainPem], ['server.key', keyPem]] as const) {
        const file = join(folder, 'data', name);
        writeFileSync(file, text, { mode: 0o600 });
        if (process.getuid?.() === 0) chownSync(file, ownerOf(folder).uid, ownerOf(folder).gid);
      }
      await ask('alter system set ssl = on');
      control(folder, 'reload');
      for (let waited = 0; (await ask<{ ssl: string }>('show ssl'))[0]?.ssl !== 'on'; waited += 20) {
        if (waited > 5_000) throw new Error('PostgreSQL does not take the certificate');
        await pause(20);
      }
    },
    makeDatabase: async () => {
      const name = `suite_${process.pid}_${(databases += 1)}_${Date.now()}`;
      await ask(`create database ${name} template template0`);
      return urlOf(name);
    },
    stop: (mode) => control(folder, '-m', mode, 'stop'),
    start: () => control(folder, '-l', join(folder, 'log'), 'start'),
    end: () => writeFileSync(join(folder, 'end'), ''),
  };
}

let databases = 0;

function control(folder: string, ...args: readonly string[]): void {
  const user = process.getuid?.() === 0 ? ownerOf(folder) : {};
  const { status, stderr } = spawnSync(join(BIN!, 'pg_ctl'), ['-D', join(folder, 'data'), '-w', '-t', '30', ...args], { ...user, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  if (status !== 0) throw new Error(`pg_ctl ${args.join(' ')}: ${String(stderr)}`);
}

function ownerOf(folder: string): { readonly uid: number; readonly gid: number } {
  const { uid, gid } = statSync(join(folder, 'data'));
  return { uid, gid };
}
