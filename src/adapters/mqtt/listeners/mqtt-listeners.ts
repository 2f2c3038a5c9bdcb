import { randomUUID } from 'node:crypto';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Log } from '../../../ports/driven/log.ts';
import type { Metrics } from '../../../ports/driven/metrics.ts';
import type { ServerCredentials } from '../../../ports/driven/server-credentials.ts';
import type { Service } from '../../../ports/service.ts';
import type { Connection } from '../connection.ts';
import type { Peer } from '../../tls/peer.ts';
import { AddressAllowance } from '../../tls/address-allowance.ts';
import { ConnectionRoom } from '../../tls/connection-room.ts';
import { addressGroup } from '../../../domain/access/address-group.ts';
import { plainAddress } from '../../tls/plain-address.ts';
import type { ListenerLimits } from '../../tls/listener-limits.ts';
import { OpenConnections } from './open-connections.ts';
import { hostAndPort, openPort } from '../../tls/open-port.ts';
import { TlsHandshakes } from '../../tls/tls-handshakes.ts';
import { TurnedAwayLog } from '../../tls/turned-away-log.ts';

export interface ListenerNeeds {
  readonly settings: {
    /** Empty: all interfaces. */
    readonly bind: string;
    readonly mqttTlsPorts: readonly number[];
    /** Undefined: off. */
    readonly mqttTcpPort?: number;
    /** More than one: the ports are shared. */
    readonly workers?: number;
  };
  readonly limits: ListenerLimits;
  readonly credentials: ServerCredentials;
  readonly log: Log;
  /** Without bounds where absent. */
  readonly room?: ConnectionRoom;
  readonly metrics?: Metrics;
  /** Speaks MQTT with whoever has come through. */
  readonly serve: (stream: Duplex, peer: Peer) => Connection;
}

/** The MQTT ports: TLS, and plain TCP if it is on (D-1). */
export class MqttListeners implements Service {
  readonly name = 'mqtt';
  readonly #needs: ListenerNeeds;
  readonly #connections = new OpenConnections();
  readonly #tcpAllowance: AddressAllowance;
  readonly #turnedAway: TurnedAwayLog;
  #handshakes: TlsHandshakes | undefined;
  #listening: { readonly server: Server; readonly kind: 'tls' | 'tcp'; readonly at: AddressInfo }[] = [];
  #stopping: Promise<void> | undefined;

  constructor(needs: ListenerNeeds) {
    this.#needs = needs;
    this.#tcpAllowance = new AddressAllowance({ limits: needs.limits.allowance });
    this.#turnedAway = new TurnedAwayLog({ log: needs.log, ...(needs.metrics && { metrics: needs.metrics }) });
    needs.metrics?.watch('fleetgate_mqtt_connections', () => [{ labels: {}, value: this.#connections.size }]);
  }

  async start(): Promise<readonly string[]> {
    const { settings, credentials, limits, metrics } = this.#needs;
    const handshakes = new TlsHandshakes({
      credentials,
      limits,
      ...(metrics && { metrics }),
      turnedAway: this.#turnedAway,
      onPeer: (stream, peer) => this.#serve(stream, peer),
    });
    this.#handshakes = handshakes;
    try {
      for (const port of settings.mqttTlsPorts) {
        await this.#listen('tls', port, 'FLEETGATE_MQTT_TLS_PORTS', (socket) => handshakes.accept(socket));
      }
      if (settings.mqttTcpPort !== undefined) {
        await this.#listen('tcp', settings.mqttTcpPort, 'FLEETGATE_MQTT_TCP_PORT', (socket) => this.#acceptPlain(socket));
      }
    } catch (error) {
      await this.stop(0);
      throw error;
    }
    return this.#listening.map(({ kind, at }) => `${kind === 'tls' ? 'mqtts' : 'mqtt'}://${hostAndPort(at)}`);
  }

  stop(graceMs: number): Promise<void> {
    this.#stopping ??= this.#stop(graceMs);
    return this.#stopping;
  }

  /** Where it listens: for those who asked for port 0. */
  ports(): { readonly tls: readonly number[]; readonly tcp?: number } {
    const tcp = this.#listening.find(({ kind }) => kind === 'tcp')?.at.port;
    return {
      tls: this.#listening.filter(({ kind }) => kind === 'tls').map(({ at }) => at.port),
      ...(tcp !== undefined && { tcp }),
    };
  }

  async #listen(kind: 'tls' | 'tcp', port: number, setting: string, accept: (socket: Socket) => void): Promise<void> {
    const server = createServer({
      pauseOnConnect: kind === 'tls',
      noDelay: true, // or CONNACK waits 40 ms for the peer's delayed acknowledgement
      keepAlive: true,
      keepAliveInitialDelay: 60_000,
    });
    const at = await openPort(server, { port, bind: this.#needs.settings.bind, setting, shared: (this.#needs.settings.workers ?? 1) > 1 });
    server.on('error', (error: NodeJS.ErrnoException) => {
      // EMFILE, ENFILE, ECONNABORTED: one connection is lost, the listener lives on.
      this.#turnedAway.note('accept-failed', { code: error.code ?? error.message, port: at.port }, 'A connection could not be accepted. With EMFILE, raise the limit of open files (ulimit -n).');
    });
    const { room = new ConnectionRoom() } = this.#needs;
    server.on('connection', (socket) => void (room.enter(socket) && accept(socket)));
    this.#listening.push({ server, kind, at });
  }

  #acceptPlain(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    const from = socket.remoteAddress;
    if (from === undefined || !this.#tcpAllowance.take(addressGroup(from))) return void socket.destroy();
    this.#serve(socket, { chain: [], handshakeBytes: 0, from: plainAddress(from), transport: 'tcp', connection: randomUUID() });
  }

  #serve(stream: Duplex, peer: Peer): void {
    try {
      this.#connections.add(stream, this.#needs.serve(stream, peer));
    } catch (error) {
      stream.destroy();
      this.#needs.log.error({ error: String(error) }, 'A connection was closed because of a defect in Fleetgate. Please report it.');
    }
  }

  async #stop(graceMs: number): Promise<void> {
    const closed = this.#listening.map(({ server }) => new Promise<void>((resolve) => server.close(() => resolve())));
    this.#handshakes?.close();
    await this.#connections.shutDown(graceMs);
    await Promise.all(closed);
    this.#turnedAway.close();
  }
}
