import { Socket } from 'node:net';
import { Client } from 'pg';
import { databaseFailure } from '../database-failure.ts';
import type { Statement } from '../query.ts';
import { columnTypes, toPostgres } from './plain-values.ts';
import { silence } from './postgres-failure.ts';
import { placeOf, type PostgresAddress } from './postgres-url.ts';

export interface LinkLimits {
  /** Until a connection is there, with TLS and login. */
  readonly connectMs: number;
  /** PostgreSQL cancels a statement that takes longer. Where not even that is heard, the line is dead. */
  readonly statementMs: number;
  /** For all statements that are handed over together. */
  readonly togetherMs: number;
  /** PostgreSQL cancels a statement that waits longer for another transaction. */
  readonly lockMs: number;
}

export const LIMITS: LinkLimits = { connectMs: 3_000, statementMs: 3_500, togetherMs: 8_000, lockMs: 2_000 };
/** Beyond `statementMs`. */
const SILENCE_MS = 500;
const LOOK_MS = 100;
/** A node that stopped in the middle of a transaction holds its locks no longer than this. */
const IDLE_IN_TRANSACTION_MS = 5_000;
const OLDEST_VERSION = 130_000;

export interface Answered {
  readonly rows: readonly unknown[];
  /** Rows changed or returned. */
  readonly count: number;
  /** PostgreSQL's word for what it did, such as COMMIT. */
  readonly command: string;
}

export type Outcome = PromiseSettledResult<Answered>;

/** One connection. Statements that are handed over together go out together: one round trip for all of them. */
export class Link {
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #limits: LinkLimits;
  #isAlive = true;
  #isSilent = false;

  private constructor(client: Client, socket: Socket, limits: LinkLimits) {
    this.#client = client;
    this.#socket = socket;
    this.#limits = limits;
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
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
      application_name: 'fleetgate',
      types: columnTypes,
    });
    const link = new Link(client, socket, limits);
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

  async ask(statement: Statement): Promise<Answered> {
    const [outcome] = await this.askAll([statement]);
    if (outcome!.status === 'rejected') throw outcome!.reason;
    return outcome!.value;
  }

  /** In this order; one that fails does not keep the later ones from being run. */
  async askAll(statements: readonly Statement[]): Promise<readonly Outcome[]> {
    const watch = this.#listen();
    const outcomes = await Promise.allSettled(statements.map((statement) => this.#send(statement)));
    clearInterval(watch);
    return this.#isSilent ? outcomes.map((outcome) => (outcome.status === 'rejected' ? { status: 'rejected', reason: silence() } : outcome)) : outcomes;
  }

  async #send({ sql, parameters, name }: Statement): Promise<Answered> {
    const { rows, rowCount, command } = await this.#client.query<object>({ text: sql, values: parameters.map(toPostgres), ...(name && { name }) });
    return { rows, count: rowCount ?? 0, command };
  }

  /** PostgreSQL ends each statement in time and says so: a line on which nothing at all is heard for longer is dead. */
  #listen(): NodeJS.Timeout {
    const { statementMs, togetherMs } = this.#limits;
    const began = performance.now();
    let heard = { bytes: this.#socket.bytesRead, at: began };
    return setInterval(() => {
      const now = performance.now();
      if (this.#socket.bytesRead !== heard.bytes) heard = { bytes: this.#socket.bytesRead, at: now };
      this.#isSilent ||= now - heard.at > statementMs + SILENCE_MS;
      if (this.#isSilent || now - began > togetherMs) this.cut();
    }, LOOK_MS);
  }

  async say(sql: string): Promise<void> {
    await this.ask({ sql, parameters: [], looks: false });
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
