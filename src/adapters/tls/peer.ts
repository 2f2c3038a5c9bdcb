/** Who is at the other end of a connection, as the listener learnt it before the first byte of its protocol. */
export interface Peer {
  /** DER, the leaf first, each as sent; empty when the peer showed no certificate. */
  readonly chain: readonly Uint8Array[];
  /** All that was sent, in the order sent, where that is more than `chain`. It costs memory: to be asked where `chain` leads nowhere. */
  readonly wholeChain?: () => readonly Uint8Array[] | undefined;
  /** Bytes the peer had sent when its handshake was done; 0 without TLS. */
  readonly handshakeBytes: number;
  /** TLS server name (SNI) as sent. */
  readonly serverName?: string;
  /** Address of the peer, for the audit and the log. */
  readonly from: string;
  readonly transport: 'tls' | 'tcp';
  /** Names this connection in log lines and traces. */
  readonly connection?: string;
  /** When its handshake began, by `performance.now()`. */
  readonly begun?: number;
  /** When it was done. */
  readonly since?: number;
}
