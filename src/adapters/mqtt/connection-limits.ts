/** What one connection may cost. Times in milliseconds unless the name says otherwise. */
export interface ConnectionLimits {
  /** From the first moment to a whole CONNECT packet (M18). */
  readonly connectTimeoutMs: number;
  /** The longest keep-alive served, and the one of clients that ask for none (D-16). A client is silent for at most 1.5 times this. */
  readonly maximumKeepAliveSeconds: number;
  /** Largest packet in bytes, fixed header included (D-16). */
  readonly maximumPacketBytes: number;
  /** QoS 2 packet ids a client may have open; announced as Receive Maximum in MQTT 5. */
  readonly receiveMaximum: number;
  readonly subscriptions: number;
  /** Packets worked on a second, in the long run; `PACKET_BURST_SECONDS` times as many at once. More wait, and so does what follows them. */
  readonly packetsPerSecond: number;
  /** Bytes read ahead while a packet is being worked on; then reading stops. */
  readonly readAheadBytes: number;
  /** Bytes that may wait for a client that does not read; more closes (M19). */
  readonly unsentBytes: number;
  /** Messages of QoS 1 and 2 that may wait for the client's acknowledgements, sent and unsent together. */
  readonly unacknowledged: number;
  /** Token requests answered at once, and per second after that (M14). */
  readonly tokenBurst: number;
  readonly tokensPerSecond: number;
  /** Lines of SmartREST worked on at once, and per second after that. Its burst and that of tokens together stay below `unacknowledged`: a reply each must not close. */
  readonly requestBurst: number;
  readonly requestsPerSecond: number;
  /** For the last packet to reach the peer before the connection is cut. */
  readonly lingerMs: number;
}

/** A device that was without a connection sends at once what it has kept. */
export const PACKET_BURST_SECONDS = 10;

export const CONNECTION_LIMITS: ConnectionLimits = {
  connectTimeoutMs: 10_000,
  maximumKeepAliveSeconds: 1800,
  maximumPacketBytes: 16_184,
  receiveMaximum: 1000,
  subscriptions: 100,
  packetsPerSecond: 1000,
  readAheadBytes: 16_384,
  unsentBytes: 65_536,
  unacknowledged: 32,
  tokenBurst: 10,
  tokensPerSecond: 10,
  requestBurst: 20,
  requestsPerSecond: 10,
  lingerMs: 2000,
};
