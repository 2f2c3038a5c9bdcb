import type { Packet, QoS } from 'mqtt-packet';
import type { DeviceSession } from '../../domain/sessions/device-session.ts';
import type { DeviceMessage } from '../../ports/driven/message-sink.ts';
import type { ClientTerms } from './client-terms.ts';
import type { ConnectionLimits } from './connection-limits.ts';
import { Deliveries } from './deliveries.ts';
import type { Outbox } from './outbox.ts';
import { writePacket } from './packets/write-packet.ts';
import { explained } from './reason-string.ts';
import type { Timers } from './timers.ts';
import { TokenBucket } from './token-bucket.ts';

/** What the handlers of packets know of one admitted device. All of it dies with the connection (D-15). */
export interface OpenSession {
  readonly device: DeviceSession;
  readonly terms: ClientTerms;
  readonly limits: ConnectionLimits;
  /** Handed to the sink if the connection ends in an unfriendly way. */
  readonly will: DeviceMessage | undefined;
  /** Granted QoS by topic filter. */
  readonly subscriptions: Map<string, QoS>;
  /** Ids of messages of QoS 2 whose PUBREL has not come yet. */
  readonly openMessages: Set<number>;
  readonly deliveries: Deliveries;
  readonly tokenAllowance: TokenBucket;
  readonly requestAllowance: TokenBucket;
  /** What was not done, for the one log line at the end. */
  readonly dropped: { unknownTopic: number; tokenRequests: number; requests: number; tooLarge: number; noRoom: number };
  /** Bytes that wait because the device does not read. */
  unsentBytes(): number;
  /** Sends, and says whether it did: a packet that the client declared too large is dropped ([MQTT-3.1.2-24] of MQTT 5). */
  send(packet: Packet): boolean;
  /** Sends an acknowledgement with a Reason String where the client wants them. Each sentence is told once a connection. */
  sendExplained(packet: Parameters<typeof explained>[0], reason: string): void;
}

export interface OpenSessionNeeds extends Pick<OpenSession, 'device' | 'terms' | 'limits' | 'will'> {
  readonly timers: Timers;
  readonly outbox: Pick<Outbox, 'put' | 'unsentBytes'>;
}

export function openSession({ outbox, timers, ...known }: OpenSessionNeeds): OpenSession {
  const { terms, limits } = known;
  const dropped = { unknownTopic: 0, tokenRequests: 0, requests: 0, tooLarge: 0, noRoom: 0 };
  const told = new Set<string>();
  const send = (packet: Packet): boolean => {
    const bytes = writePacket(packet, terms.version);
    const fits = bytes.length <= terms.maximumPacketBytes;
    if (fits) outbox.put(bytes);
    else dropped.tooLarge += 1;
    return fits;
  };
  return {
    ...known,
    subscriptions: new Map(),
    openMessages: new Set(),
    deliveries: new Deliveries({ send, receiveMaximum: terms.receiveMaximum, unacknowledged: limits.unacknowledged }),
    tokenAllowance: new TokenBucket({ timers, burst: limits.tokenBurst, perSecond: limits.tokensPerSecond }),
    requestAllowance: new TokenBucket({ timers, burst: limits.requestBurst, perSecond: limits.requestsPerSecond }),
    dropped,
    unsentBytes: () => outbox.unsentBytes,
    send,
    sendExplained: (packet, reason) => {
      const bytes = terms.wantsReasons && !told.has(reason) ? explained(packet, reason, terms) : undefined;
      told.add(reason);
      if (bytes === undefined) send(packet);
      else outbox.put(bytes);
    },
  };
}
