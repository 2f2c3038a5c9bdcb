import type { Duplex } from 'node:stream';
import type { PacketCount } from './packet-count.ts';
import type { Timers } from './timers.ts';

export interface StreamEndNeeds {
  readonly stream: Duplex;
  readonly packets: Pick<PacketCount, 'out'>;
  readonly timers: Timers;
  /** For the last bytes to arrive and the peer to close. */
  readonly lingerMs: number;
}

/** Bytes a peer may still send to a connection that is closing; cutting it earlier could destroy our last packet on its way. */
const DISCARDED_BYTES = 65_536;

/** How a stream comes to its end, with a last packet that arrives or at once. */
export class StreamEnd {
  /** Resolves when the stream is closed. */
  readonly closed: Promise<void>;
  readonly #needs: StreamEndNeeds;

  constructor(needs: StreamEndNeeds) {
    const { stream } = needs;
    this.#needs = needs;
    this.closed = stream.closed ? Promise.resolve() : new Promise((resolve) => stream.once('close', () => resolve()));
  }

  cut(): void {
    this.#needs.stream.destroy();
  }

  /** Sends `last` and closes our side, throws away what still comes, and cuts when the peer does not close in time. */
  finish(last: Buffer | undefined): void {
    const { stream, packets, timers, lingerMs } = this.#needs;
    if (!stream.writable) return this.cut();
    let discarded = 0;
    stream.on('data', (chunk: Buffer) => {
      discarded += chunk.length;
      if (discarded > DISCARDED_BYTES) this.cut();
    });
    stream.resume();
    if (last === undefined) stream.end();
    else stream.end(packets.out(last));
    const cancel = timers.after(lingerMs, () => this.cut());
    void this.closed.then(cancel);
  }
}
