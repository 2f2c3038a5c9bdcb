import { crc32 } from 'node:zlib';

/** A record on disk: length and CRC-32 of its body, four bytes each, then the body. */
export const HEADER_BYTES = 8;

export function recordBytes(body: Buffer): Buffer {
  const record = Buffer.alloc(HEADER_BYTES + body.length);
  record.writeUInt32BE(body.length, 0);
  record.writeUInt32BE(crc32(body), 4);
  body.copy(record, HEADER_BYTES);
  return record;
}

export interface ReadRecords {
  readonly bodies: readonly Buffer[];
  /** Bytes of the whole records that were read. */
  readonly bytes: number;
  /** Bytes that the record behind them needs, where its header is there. */
  readonly nextNeeds?: number;
  /** The record behind them is not what was once written: whatever follows is lost. */
  readonly isBroken: boolean;
}

/** The whole records at the start of `chunk`, `most` of them at most. */
export function readRecords(chunk: Buffer, most = Infinity): ReadRecords {
  const bodies: Buffer[] = [];
  let at = 0;
  while (bodies.length < most && chunk.length - at >= HEADER_BYTES) {
    const length = chunk.readUInt32BE(at);
    // A file system that lost its last writes shows zeros, and no record is empty.
    if (length === 0) return { bodies, bytes: at, isBroken: true };
    const end = at + HEADER_BYTES + length;
    if (end > chunk.length) return { bodies, bytes: at, nextNeeds: end - at, isBroken: false };
    const body = chunk.subarray(at + HEADER_BYTES, end);
    if (crc32(body) !== chunk.readUInt32BE(at + 4)) return { bodies, bytes: at, isBroken: true };
    bodies.push(body);
    at = end;
  }
  return { bodies, bytes: at, isBroken: false };
}
