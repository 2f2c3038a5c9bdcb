import { createServer as createHttp, type RequestListener, type Server as HttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Log } from '../../ports/driven/log.ts';
import type { Metrics } from '../../ports/driven/metrics.ts';
import type { ServerCredentials } from '../../ports/driven/server-credentials.ts';
import { ConnectionRoom } from '../tls/connection-room.ts';
import type { ListenerLimits } from '../tls/listener-limits.ts';
import { hostAndPort, openPort } from '../tls/open-port.ts';
import type { Peer } from '../tls/peer.ts';
import { TlsHandshakes } from '../tls/tls-handshakes.ts';
import { TurnedAwayLog } from '../tls/turned-away-log.ts';
import { answerBrokenRequest } from './broken-request.ts';
import type { ConnectedPeers } from './connected-peers.ts';
import { HTTP_BOUNDS } from './http-bounds.ts';

export interface MutualTlsNeeds {
  readonly routing: RequestListener;
  readonly peers: ConnectedPeers;
  readonly credentials: ServerCredentials;
  readonly limits: ListenerLimits;
  readonly log: Log;
  /** Without bounds where absent. */
  readonly room?: ConnectionRoom;
  readonly metrics?: Metrics;
  readonly bind: string;
  /** 0: any free one. */
  readonly port: number;
  /** Other processes listen on it too. */
  readonly shared?: boolean;
  /** Other bounds than usual. */
  readonly bounds?: Partial<Record<keyof typeof HTTP_BOUNDS, number>>;
}

/**
 * The API once more, for those who show a certificate (wire-contract §3.4): the same handshakes under the same gate as MQTT, and what comes
 * out of them is handed to an HTTP server as a connection.
 */
export class MutualTlsListener {
  readonly #needs: MutualTlsNeeds;
  readonly #listener: Server;
  readonly #http: HttpServer;
  readonly #open = new Set<TLSSocket>();
  readonly #turnedAway: TurnedAwayLog;
  #handshakes: TlsHandshakes | undefined;

  constructor(needs: MutualTlsNeeds) {
    this.#needs = needs;
    this.#turnedAway = new TurnedAwayLog({ log: needs.log, ...(needs.metrics && { metrics: needs.metrics }) });
    this.#listener = createServer({ pauseOnConnect: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 });
    this.#http = createHttp({ ...HTTP_BOUNDS, ...needs.bounds }, needs.routing);
    this.#http.on('clientError', answerBrokenRequest);
  }

  async start(): Promise<string> {
    const { credentials, limits, bind, port, metrics, shared = false } = this.#needs;
    const at = await openPort(this.#listener, { port, bind, setting: 'FLEETGATE_MTLS_PORT', shared });
    this.#listener.on('error', (error: NodeJS.ErrnoException) => {
      this.#turnedAway.note('accept-failed', { code: error.code ?? error.message, port: at.port }, 'A connection could not be accepted. With EMFILE, raise the limit of open files (ulimit -n).');
    });
    // It never listens itself; this makes it watch the times of its connections (R04), which it otherwise begins when it listens.
    this.#http.emit('listening');
    const onPeer = (stream: TLSSocket, peer: Peer): void => this.#serve(stream, peer);
    const handshakes = new TlsHandshakes({ credentials, limits, turnedAway: this.#turnedAway, onPeer, ...(metrics && { metrics }) });
    this.#handshakes = handshakes;
    const { room = new ConnectionRoom() } = this.#needs;
    this.#listener.on('connection', (socket) => void (room.enter(socket) && handshakes.accept(socket)));
    return `https://${hostAndPort(at)}`;
  }

  #serve(stream: TLSSocket, peer: Peer): void {
    this.#needs.peers.remember(stream, peer);
    this.#open.add(stream);
    stream.once('close', () => this.#open.delete(stream));
    this.#http.emit('connection', stream);
  }

  /** Idle connections end here; those in use end with their answer, or after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#listener.close(() => resolve()));
    this.#handshakes?.close();
    this.#http.close();
    const reaper = setInterval(() => this.#http.closeIdleConnections(), 100);
    const deadline = setTimeout(() => this.#open.forEach((stream) => stream.destroy()), graceMs);
    await closed; // when the last connection that it accepted is gone
    clearInterval(reaper);
    clearTimeout(deadline);
    this.#turnedAway.close();
  }
}
