import type { Duplex } from 'node:stream';
import type { PacketCount } from './packet-count.ts';

export interface OutboxNeeds {
  readonly stream: Duplex;
  readonly packets: Pick<PacketCount, 'out'>;
  /** Bytes that may wait in the stream because the peer does not read. */
  readonly unsentBytes: number;
  readonly whenStuck: () => void;
}

/** Collected bytes are sent before this many have come together. */
const LARGEST_WRITE = 16_384;

/** Sends packets in order, all that one chunk brought about in one write: one TLS record instead of many. */
export class Outbox {
  readonly #needs: OutboxNeeds;
  #collected: Buffer[] = [];
  #bytes = 0;
  #timer: NodeJS.Immediate | undefined;

  constructor(needs: OutboxNeeds) {
    this.#needs = needs;
  }

  /** One packet, whole. */
  put(bytes: Buffer): void {
    this.#collected.push(this.#needs.packets.out(bytes));
    this.#bytes += bytes.length;
    if (this.#bytes >= LARGEST_WRITE) this.flush();
    // Whoever handles a packet may wait for a disk; what was answered before must not wait with it.
    else this.#timer ??= setImmediate(() => this.flush());
  }

  /** Safe to call at any time. Bytes for a peer that is gone are dropped. */
  flush(): void {
    clearImmediate(this.#timer);
    this.#timer = undefined;
    const bytes = this.#collected.length === 1 ? this.#collected[0]! : Buffer.concat(this.#collected);
    this.#collected = [];
    this.#bytes = 0;
    const { stream, unsentBytes, whenStuck } = this.#needs;
    if (bytes.length === 0 || !stream.writable) return;
    if (stream.writableLength > unsentBytes) whenStuck();
    else stream.write(bytes);
  }
}
