import type { PacketEndingCode } from '../packet-endings.ts';
import { firstByteEnding } from './first-byte.ts';

/** What the bytes so far give: one whole packet, the reason to close, or nothing yet. */
export type Split = { readonly frame: Buffer } | { readonly ending: PacketEndingCode };

/**
 * Cuts a stream of bytes into packets. A packet is refused by its first byte and its length before its body is kept, so that a
 * peer can make us hold one packet of the largest size and what was read ahead, no more (M01, M02).
 */
export class FrameSplitter {
  readonly #maximumBytes: number;
  readonly #chunks: Buffer[] = [];
  #waiting = 0;
  readonly #header: number[] = [];
  #body: { readonly frame: Buffer; filled: number } | undefined;

  constructor(maximumBytes: number) {
    this.#maximumBytes = maximumBytes;
  }

  /** Bytes that `next` has not looked at yet. */
  get waitingBytes(): number {
    return this.#waiting;
  }

  get waitingChunks(): number {
    return this.#chunks.length;
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#waiting += chunk.length;
  }

  /** Call until it gives nothing. After an ending there is no going on. */
  next(isFirstPacket: boolean): Split | undefined {
    while (this.#body === undefined) {
      const byte = this.#takeByte();
      if (byte === undefined) return undefined;
      this.#header.push(byte);
      const ending = this.#headerEnding(isFirstPacket) ?? this.#startBody();
      if (ending !== undefined) return { ending };
    }
    return this.#fillBody(this.#body);
  }

  #headerEnding(isFirstPacket: boolean): PacketEndingCode | undefined {
    const [first, ...length] = this.#header as [number, ...number[]];
    if (length.length === 0) return firstByteEnding(first, isFirstPacket);
    const last = length[length.length - 1]!;
    const isPadded = length.length > 1 && last === 0;
    const goesOn = last >= 0x80;
    return isPadded || (goesOn && length.length === 4) ? 'packet.remaining-length' : undefined;
  }

  /** Makes room for the packet once its length is known. */
  #startBody(): PacketEndingCode | undefined {
    const [, ...length] = this.#header;
    if (length.length === 0 || length[length.length - 1]! >= 0x80) return undefined;
    const remaining = length.reduce((sum, byte, i) => sum + (byte & 0x7f) * 0x80 ** i, 0);
    const total = this.#header.length + remaining;
    if (total > this.#maximumBytes) return 'packet.too-large';
    const frame = Buffer.allocUnsafe(total);
    frame.set(this.#header);
    this.#body = { frame, filled: this.#header.length };
    this.#header.length = 0;
    return undefined;
  }

  #fillBody(body: { readonly frame: Buffer; filled: number }): Split | undefined {
    while (body.filled < body.frame.length) {
      const chunk = this.#chunks[0];
      if (chunk === undefined) return undefined;
      const count = chunk.copy(body.frame, body.filled);
      body.filled += count;
      this.#consume(chunk, count);
    }
    this.#body = undefined;
    return { frame: body.frame };
  }

  #takeByte(): number | undefined {
    const chunk = this.#chunks[0];
    if (chunk === undefined) return undefined;
    const byte = chunk[0];
    this.#consume(chunk, 1);
    return byte;
  }

  #consume(chunk: Buffer, count: number): void {
    this.#waiting -= count;
    if (count === chunk.length) this.#chunks.shift();
    else this.#chunks[0] = chunk.subarray(count);
  }
}
