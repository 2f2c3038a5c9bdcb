/** MQTT on the wire by hand, for packets that no library would write. Lengths are right unless a test spoils them. */
export const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);

export const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

export const str = (text: string | Buffer): Buffer => {
  const bytes = Buffer.from(text);
  return Buffer.concat([u16(bytes.length), bytes]);
};

export const varint = (value: number): Buffer => {
  const bytes: number[] = [];
  do {
    const rest = Math.floor(value / 128);
    bytes.push((value % 128) | (rest > 0 ? 0x80 : 0));
    value = rest;
  } while (value > 0);
  return Buffer.from(bytes);
};

export type Part = Buffer | number | readonly number[];

export const bytes = (...parts: readonly Part[]): Buffer =>
  Buffer.concat(parts.map((part) => (Buffer.isBuffer(part) ? part : Buffer.from(typeof part === 'number' ? [part] : part))));

/** A packet: first byte, remaining length, body. */
export const frame = (first: number, ...body: readonly Part[]): Buffer => {
  const content = bytes(...body);
  return bytes(first, varint(content.length), content);
};

/** MQTT 5 properties with their length in front. */
export const props = (...parts: readonly Part[]): Buffer => {
  const content = bytes(...parts);
  return bytes(varint(content.length), content);
};

export interface ConnectWish {
  readonly name?: string | Buffer;
  readonly level?: number;
  readonly flags?: number;
  readonly keepAlive?: number;
  readonly properties?: Buffer;
  readonly clientId?: string | Buffer;
  readonly rest?: Buffer;
}

/** A CONNECT of which single fields can be spoilt. */
export function connect(wish: ConnectWish = {}): Buffer {
  const { name = 'MQTT', level = 4, flags = 0x02, keepAlive = 60, clientId = 'dev01', rest = bytes() } = wish;
  const { properties = level === 5 ? props() : bytes() } = wish;
  return frame(0x10, str(name), level, flags, u16(keepAlive), properties, str(clientId), rest);
}
