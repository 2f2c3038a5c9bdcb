import { Socket } from 'node:net';
import { Client } from 'pg';
import { databaseFailure } from '../database-failure.ts';
import type { Statement } from '../query.ts';
import { columnTypes, toPostgres } from './plain-values.ts';
import { placeOf, type PostgresAddress } from './postgres-url.ts';

export interface LinkLimits {
  /** Until a connection is there, with TLS and login. */
  readonly connectMs: number;
  /** PostgreSQL cancels a statement that takes longer. */
  readonly statementMs: number;
  /** PostgreSQL cancels a statement that waits longer for another transaction. */
  readonly lockMs: number;
}

export const LIMITS: LinkLimits = { connectMs: 3_000, statementMs: 4_000, lockMs: 2_000 };
/** Where not even the cancelling was heard of: the line is dead. */
const SILENCE_MS = 500;
/** A node that stopped in the middle of a transaction holds its locks no longer than this. */
const IDLE_IN_TRANSACTION_MS = 5_000;
const OLDEST_VERSION = 130_000;

export interface Answered {
  readonly rows: readonly unknown[];
  /** Rows changed or returned. */
  readonly count: number;
}

export type Outcome = PromiseSettledResult<Answered>;

/** One connection. Statements that are handed over together go out together: one round trip for all of them. */
export class Link {
  readonly #client: Client;
  readonly #socket: Socket;
  #isAlive = true;

  private constructor(client: Client, socket: Socket) {
    this.#client = client;
    this.#socket = socket;
    // Whoever waits for an answer is told by its promise; without a listener the program would end.
    client.on('error', () => (this.#isAlive = false));
    client.on('end', () => (this.#isAlive = false));
  }

  /** Rejects with what `pg` or PostgreSQL said, or with a sentence where that server is none to work on. */
  static async open(address: PostgresAddress, limits: LinkLimits = LIMITS): Promise<Link> {
    const socket = new Socket();
    const { password, host, port, database, user, ssl } = address;
    const client = new Client({
      ...{ host, port, database, user, ssl },
      password: () => password, // a function, so that `pg` looks for none in files
      stream: () => socket,
      pipeline: true,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      connectionTimeoutMillis: limits.connectMs,
      statement_timeout: limits.statementMs,
      lock_timeout: limits.lockMs,
      query_timeout: limits.statementMs + SILENCE_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
      application_name: 'fleetgate',
      types: columnTypes,
    });
    const link = new Link(client, socket);
    try {
      await client.connect();
      await link.#takeStock(placeOf(address));
      return link;
    } catch (error) {
      link.cut();
      throw error;
    }
  }

  get isAlive(): boolean {
    return this.#isAlive && !this.#socket.destroyed;
  }

  async ask({ sql, parameters, name }: Statement): Promise<Answered> {
    const { rows, rowCount } = await this.#client.query<object>({ text: sql, values: parameters.map(toPostgres), ...(name && { name }) });
    return { rows, count: rowCount ?? 0 };
  }

  /** In this order; one that fails does not keep the later ones from being run. */
  askAll(statements: readonly Statement[]): Promise<readonly Outcome[]> {
    return Promise.allSettled(statements.map((statement) => this.ask(statement)));
  }

  /** Resolves with the word PostgreSQL has for what it did, such as COMMIT. */
  async say(sql: string): Promise<string> {
    return (await this.#client.query(sql)).command;
  }

  /** At once, whatever is under way. */
  cut(): void {
    this.#isAlive = false;
    this.#socket.destroy();
  }

  async end(): Promise<void> {
    if (!this.isAlive) return this.cut();
    this.#isAlive = false;
    const late = setTimeout(() => this.cut(), 1_000);
    await this.#client.end().catch(() => undefined);
    clearTimeout(late);
  }

  /** A standby shows the past: by it a device could come in after its CA was withdrawn (D-14). */
  async #takeStock(place: string): Promise<void> {
    const { rows } = await this.ask(TAKE_STOCK);
    const { standby, encoding, version } = rows[0] as { standby: string; encoding: string; version: number };
    if (standby === 't') throw databaseFailure('database-standby', `PostgreSQL at ${place} is a standby. Name the primary in FLEETGATE_DATABASE_URL, or promote this one.`);
    if (encoding !== 'UTF8') throw databaseFailure('database-encoding', `The database ${place} is encoded in ${encoding}. Make one for Fleetgate: createdb -E UTF8 -T template0 -O <user> <database>.`);
    if (version < OLDEST_VERSION) throw databaseFailure('database-unusable', `PostgreSQL at ${place} is version ${version / 10_000}. Fleetgate needs 13 or newer.`);
  }
}

/** What was confirmed is on the disk: a server that is told to be careless is told otherwise, for our sessions (D-13). */
const TAKE_STOCK: Statement = {
  sql: `select pg_is_in_recovery() as standby, current_setting('server_encoding') as encoding, current_setting('server_version_num')::bigint as version,
    case when current_setting('synchronous_commit') = 'off' then set_config('synchronous_commit', 'on', false) end as synchronous`,
  parameters: [],
  looks: true,
};
