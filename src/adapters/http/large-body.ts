import type { Readable } from 'node:stream';

/** What fastify answers with 413, as for a body whose `Content-Length` is too large. */
const TOO_LARGE = { statusCode: 413, code: 'FST_ERR_CTP_BODY_TOO_LARGE' } as const;

/** Bytes of the first buffer; it doubles as bytes come, so that a length that is only claimed costs nothing. */
const FIRST = 64 * 1024;

/**
 * Gathers a body that may be large, a chunk at a time: joining ninety megabytes at the end would hold everybody up.
 *
 * @throws where it is larger than `most`
 */
export async function largeBody(body: Readable, most: number): Promise<Uint8Array> {
  let bytes: Buffer = Buffer.allocUnsafe(FIRST);
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    if (length + chunk.length > most) throw Object.assign(new Error('The body is too large.'), TOO_LARGE);
    if (length + chunk.length > bytes.length) bytes = await grown(bytes, length, Math.min(most, Math.max(bytes.length * 2, length + chunk.length)));
    chunk.copy(bytes, length);
    length += chunk.length;
  }
  return bytes.subarray(0, length);
}

const COPIED_AT_ONCE = 4 * 1024 * 1024;

async function grown(bytes: Buffer, length: number, size: number): Promise<Buffer> {
  const larger = Buffer.allocUnsafe(size);
  for (let at = 0; at < length; at += COPIED_AT_ONCE) {
    bytes.copy(larger, at, at, Math.min(length, at + COPIED_AT_ONCE));
    if (at > 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return larger;
}
