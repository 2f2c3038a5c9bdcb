import type { Peer } from '../tls/peer.ts';

/**
 * Who is at the other end of the connections of mutual TLS. It is learnt once, when the handshake is done: asked again, Node shows the leaf
 * alone, and the second request of a kept-alive connection would get another verdict than the first.
 */
export class ConnectedPeers {
  readonly #peers = new WeakMap<object, Peer>();

  remember(socket: object, peer: Peer): void {
    const { wholeChain } = peer;
    this.#peers.set(socket, { ...peer, ...(wholeChain && { wholeChain: once(wholeChain) }) });
  }

  /** Undefined for a connection of another listener. */
  of(socket: object): Peer | undefined {
    return this.#peers.get(socket);
  }
}

function once<T>(read: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => (known ??= { value: read() }).value;
}
