import { setTimeout as pause } from 'node:timers/promises';
import { connect, type Authenticator, type NatsConnection } from '@nats-io/transport-node';
import type { Log } from '../../../ports/driven/log.ts';
import { natsTls, tlsAdvice } from './nats-tls.ts';

export interface NatsLinkNeeds {
  /** `nats://host:port` or `tls://host:port`, all of one kind. */
  readonly servers: readonly string[];
  /** PEM of the CAs that are trusted; the system's where absent. */
  readonly ca?: string;
  readonly authenticator: Authenticator | undefined;
  readonly log: Log;
  /** Called with every new connection; one that was lost and found again is not new. */
  readonly whenConnected: (connection: NatsConnection) => void;
}

const AGAIN_MS = 500;

/** Keeps one connection to NATS for as long as the gate runs. An outage at the start is an outage like any other: devices come in all the same. */
export class NatsLink {
  readonly #needs: NatsLinkNeeds;
  readonly #ending = new AbortController();
  readonly #running: Promise<void>;
  #connection: NatsConnection | undefined;
  #isUp = false;
  #waiting: (() => void)[] = [];
  #isOutKnown = false;

  constructor(needs: NatsLinkNeeds) {
    this.#needs = needs;
    this.#running = this.#run();
  }

  /** The connection, once it is there; undefined where it is not within `mostMs`, or the link is closed. */
  async up(mostMs: number): Promise<NatsConnection | undefined> {
    if (!this.#isUp && !this.#ending.signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, mostMs);
      this.#waiting.push(resolve);
      await promise;
      clearTimeout(timer);
      this.#waiting = this.#waiting.filter((one) => one !== resolve);
    }
    return this.#isUp ? this.#connection : undefined;
  }

  /** Sends what is on its way, then lets go. Safe to call twice. */
  async close(): Promise<void> {
    this.#ending.abort();
    this.#tellWaiting();
    if (this.#isUp) await Promise.race([this.#connection?.drain().catch(() => undefined), pause(2_000, undefined, { ref: false })]);
    await this.#connection?.close().catch(() => undefined);
    // An attempt to connect cannot be taken back; nobody waits for its time-out.
    await Promise.race([this.#running, pause(1_000, undefined, { ref: false })]);
  }

  async #run(): Promise<void> {
    const { whenConnected } = this.#needs;
    while (!this.#ending.signal.aborted) {
      const connection = await this.#connect();
      if (connection === undefined) {
        await pause(AGAIN_MS, undefined, { signal: this.#ending.signal }).catch(() => undefined);
        continue;
      }
      this.#connection = connection;
      whenConnected(connection);
      this.#comeUp();
      void this.#watch(connection);
      // A link that is closed while this connection was made has not seen it.
      if (this.#ending.signal.aborted) await connection.close();
      await connection.closed();
      this.#isUp = false;
      this.#connection = undefined;
    }
  }

  async #connect(): Promise<NatsConnection | undefined> {
    const { servers, authenticator, ca } = this.#needs;
    try {
      return await connect({
        ...{ servers: servers.map((server) => server.replace(/^\w+:\/\//, '')), name: 'fleetgate', timeout: 5_000 },
        // Only to whom the operator named, and encrypted where they said so: the library would otherwise take a server's word for both.
        ...{ ignoreClusterUpdates: true, ...(servers[0]?.startsWith('tls:') && { tls: natsTls(servers, ca) }) },
        ...{ maxReconnectAttempts: -1, reconnectTimeWait: AGAIN_MS, ignoreAuthErrorAbort: true, pingInterval: 10_000, maxPingOut: 2 },
        ...(authenticator && { authenticator }),
      });
    } catch (error) {
      this.#goDown(error);
      return undefined;
    }
  }

  async #watch(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect' || status.type === 'staleConnection') this.#goDown('the connection was lost');
      if (status.type === 'reconnect') this.#comeUp();
      if (status.type === 'error') this.#needs.log.error({ error: String(status.error) }, 'NATS objects to something.');
    }
  }

  #comeUp(): void {
    this.#isUp = true;
    this.#isOutKnown = false;
    this.#needs.log.info({ server: this.#connection?.getServer() }, 'NATS takes the messages of devices.');
    this.#tellWaiting();
  }

  /** One line an outage, not one an attempt. */
  #goDown(why: unknown): void {
    this.#isUp = false;
    if (this.#isOutKnown || this.#ending.signal.aborted) return;
    this.#isOutKnown = true;
    this.#needs.log.error({ error: String(why) }, `NATS cannot be reached: messages of devices are not acknowledged until it can. It is tried again all the time.${tlsAdvice(why)}`);
  }

  #tellWaiting(): void {
    for (const tell of this.#waiting.splice(0)) tell();
  }
}
