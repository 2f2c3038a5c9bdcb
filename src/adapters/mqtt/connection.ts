import type { Duplex } from 'node:stream';
import type { DeviceInboxes } from '../../ports/driven/device-inboxes.ts';
import type { Log } from '../../ports/driven/log.ts';
import type { MessageSink } from '../../ports/driven/message-sink.ts';
import type { Metrics } from '../../ports/driven/metrics.ts';
import { NO_TRACES, type Tracer } from '../../ports/driven/tracer.ts';
import type { DeviceGate } from '../../ports/driving/device-gate.ts';
import type { SmartrestDesk } from '../../ports/driving/smartrest-desk.ts';
import type { TokenDesk } from '../../ports/driving/token-desk.ts';
import type { ConnectionLimits } from './connection-limits.ts';
import { DeviceConnection } from './device-connection.ts';
import { packetCount, type PacketCount } from './packet-count.ts';
import type { Peer } from '../tls/peer.ts';
import { SYSTEM_TIMERS, type Timers } from './timers.ts';

export interface ConnectionNeeds {
  readonly gate: DeviceGate;
  readonly tokens: TokenDesk;
  readonly smartrest: SmartrestDesk;
  readonly sink: MessageSink;
  readonly inboxes: DeviceInboxes;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'count' | 'took'>;
  /** `CONNECTION_LIMITS`, or a copy of it with other values. */
  readonly limits: ConnectionLimits;
  /** None where absent. */
  readonly tracer?: Tracer;
  /** The system's where absent. */
  readonly timers?: Timers;
}

/** What a connection has beside that. */
export interface DeviceConnectionNeeds extends ConnectionNeeds {
  readonly stream: Duplex;
  readonly peer: Peer;
  readonly timers: Timers;
  readonly packets: PacketCount;
  readonly tracer: Tracer;
}

export interface Connection {
  /** Ends the connection because the server stops; MQTT 5 clients are told 0x8B. Safe to call twice. */
  shutDown(): void;
  /** Resolves when the stream is closed, the session is off the board and a will is with the sink. Never rejects. */
  readonly closed: Promise<void>;
}

/** Speaks MQTT 3.1, 3.1.1 and 5 over `stream` until either side ends it. Owns the stream from here on. */
export function serveConnection(stream: Duplex, peer: Peer, needs: ConnectionNeeds): Connection {
  return new DeviceConnection({ timers: SYSTEM_TIMERS, tracer: NO_TRACES, ...needs, stream, peer, packets: packetCount(needs.metrics) });
}
