import { isUtf8 } from 'node:buffer';
import type { PacketEndingCode } from '../packet-endings.ts';

/** Where the first field stands: behind the first byte and the remaining length, which the splitter has checked. */
export const bodyStart = (frame: Buffer): number => 1 + frame.subarray(1).findIndex((byte) => byte < 0x80) + 1;

/**
 * Reads the fields of one packet strictly. The first thing that is wrong sticks in `ending`; from then on every read gives an
 * empty value, so that a grammar can be written down straight and asked once at its end.
 */
export class FieldReader {
  readonly #bytes: Buffer;
  #at: number;
  #end: number;
  ending: PacketEndingCode | undefined;

  /** `from` is where the first field stands. */
  constructor(bytes: Buffer, from: number) {
    this.#bytes = bytes;
    this.#at = from;
    this.#end = bytes.length;
  }

  get left(): number {
    return this.ending === undefined ? this.#end - this.#at : 0;
  }

  /** Notes what is wrong, unless something was wrong before. */
  refuseIf(isWrong: boolean, ending: PacketEndingCode): void {
    if (isWrong) this.ending ??= ending;
  }

  byte(): number {
    return this.#take(1)[0] ?? 0;
  }

  uint16(): number {
    const bytes = this.#take(2);
    return bytes.length === 2 ? bytes.readUInt16BE() : 0;
  }

  uint32(): number {
    const bytes = this.#take(4);
    return bytes.length === 4 ? bytes.readUInt32BE() : 0;
  }

  /** A variable byte integer, as short as can be [MQTT-1.5.5-1]. */
  variableInteger(): number {
    let value = 0;
    for (let i = 0; i < 4; i += 1) {
      const byte = this.byte();
      value += (byte & 0x7f) * 0x80 ** i;
      this.refuseIf(i > 0 && byte === 0, 'packet.remaining-length');
      if (byte < 0x80) return value;
    }
    this.refuseIf(true, 'packet.remaining-length');
    return 0;
  }

  binary(): Buffer {
    return this.#take(this.uint16());
  }

  string(): string {
    const bytes = this.binary();
    this.refuseIf(!isUtf8(bytes) || bytes.includes(0), 'packet.not-utf-8');
    return this.ending === undefined ? bytes.toString('utf8') : '';
  }

  packetId(): void {
    const id = this.uint16();
    this.refuseIf(id === 0, 'packet.identifier-zero');
  }

  rest(): void {
    this.#take(this.left);
  }

  /** Lets `read` read the next `length` bytes, all of them and no more. */
  within(length: number, read: () => void): void {
    const outerEnd = this.#end;
    this.refuseIf(length > this.left, 'packet.truncated');
    if (this.ending !== undefined) return;
    this.#end = this.#at + length;
    while (this.left > 0) read();
    this.#end = outerEnd;
  }

  #take(count: number): Buffer {
    this.refuseIf(count > this.left, 'packet.truncated');
    if (this.ending !== undefined) return Buffer.alloc(0);
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }
}
