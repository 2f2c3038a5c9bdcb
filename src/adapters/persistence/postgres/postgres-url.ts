import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { databaseFailure, wordsOf } from '../database-failure.ts';
import { passwordOf } from './password-file.ts';

/** Where the database is and who asks, as `pg` takes it. */
export interface PostgresAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly ssl: false | ConnectionOptions;
  /** Most connections of one process: half of them read, half of them write. */
  readonly connections: number;
}

export const isPostgresUrl = (url: string): boolean => /^postgres(ql)?:/.test(url);

/** `host:port/database`, for people. */
export const placeOf = ({ host, port, database }: Pick<PostgresAddress, 'host' | 'port' | 'database'>): string => `${host}:${port}/${database}`;

/** Everything else of libpq's could weaken what is promised (timeouts, isolation, another server), so that it is refused. */
const KNOWN = ['host', 'port', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'connections'];
const CONNECTIONS = { usual: '10', least: 2, most: 500 } as const;

/**
 * Reads `postgres://user:password@host:port/database?sslmode=verify-full&sslrootcert=file`. A folder in `?host=/run/postgresql` is that of a socket. What
 * the URL leaves open is read from PGUSER, and PGPASSWORD or the file PGPASSFILE: a password need not be in a URL. Throws a sentence without the password.
 */
export function postgresAddressOf(text: string, env: Readonly<Record<string, string | undefined>> = {}): PostgresAddress {
  const url = URL.parse(text);
  if (!url || !isPostgresUrl(text)) throw wrong('it is no URL');
  const options = url.searchParams;
  const stranger = [...options.keys()].find((name) => !KNOWN.includes(name) || options.getAll(name).length > 1);
  if (stranger !== undefined) throw wrong(`it has the option ${stranger}, or has it twice; known are ${KNOWN.join(', ')}`);
  const database = decoded(url.pathname.slice(1));
  if (database === '' || database.includes('/')) throw wrong('it names no database');
  const port = numberOf('port', options.get('port') ?? (url.port || '5432'), 1, 65_535);
  const connections = numberOf('connections', options.get('connections') ?? CONNECTIONS.usual, CONNECTIONS.least, CONNECTIONS.most);
  const host = options.get('host') ?? (url.hostname.replace(/^\[(.*)\]$/, '$1') || 'localhost');
  const user = decoded(url.username) || env['PGUSER'];
  if (!user) throw wrong('it names no user');
  const password = decoded(url.password) || env['PGPASSWORD'] || passwordOf({ host, port, database, user }, env['PGPASSFILE']);
  return { host, port, database, user, password, ssl: host.startsWith('/') ? false : tlsOf(options, host), connections };
}

function numberOf(name: string, text: string, least: number, most: number): number {
  const number = /^\d{1,6}$/.test(text) ? Number(text) : NaN;
  if (number >= least && number <= most) return number;
  throw wrong(`its ${name} is no number from ${least} to ${most}`);
}

/**
 * `verify-full` checks the certificate against `sslrootcert`, or the system's CAs, and the host's name; `require` encrypts to whoever
 * answers. Without the option: plain on this machine, `verify-full` everywhere else.
 */
function tlsOf(options: URLSearchParams, host: string): PostgresAddress['ssl'] {
  const isHere = /^(localhost|127(\.\d+){3}|::1)$/.test(host);
  const mode = options.get('sslmode') ?? (isHere ? 'disable' : 'verify-full');
  if (mode === 'disable') return false;
  const file = (name: string, as: 'ca' | 'cert' | 'key') => {
    const path = options.get(name);
    return path === null ? {} : { [as]: contentOf(path, name) };
  };
  const own = { ...file('sslcert', 'cert'), ...file('sslkey', 'key'), minVersion: 'TLSv1.2' as const };
  if (mode === 'require') return { ...own, rejectUnauthorized: false };
  if (mode === 'verify-full') return { ...own, ...file('sslrootcert', 'ca'), rejectUnauthorized: true };
  throw wrong('its sslmode is none of disable, require and verify-full');
}

function contentOf(path: string, name: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw wrong(`the file that ${name} names cannot be read (${wordsOf(error)})`);
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw wrong('it has a % that stands for no character; % itself is %25');
  }
}

const wrong = (why: string): Error =>
  databaseFailure('database-url', `FLEETGATE_DATABASE_URL cannot be used: ${why}. Expected is postgres://user:password@host:5432/database, with ?sslmode=verify-full&sslrootcert=<file> where TLS is needed.`);
