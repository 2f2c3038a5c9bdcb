/** Who is at the other end of a connection, as the listener learnt it before the first MQTT byte. */
export interface Peer {
  /** DER, exactly as sent, in the order sent; empty when the peer showed no certificate. */
  readonly chain: readonly Uint8Array[];
  /** Bytes the peer had sent when its handshake was done; 0 without TLS. */
  readonly handshakeBytes: number;
  /** TLS server name (SNI) as sent. */
  readonly serverName?: string;
  /** Address of the peer, for the audit and the log. */
  readonly from: string;
  readonly transport: 'tls' | 'tcp';
}
