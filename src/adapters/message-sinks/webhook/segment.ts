import { open, readdir, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { readRecords } from './record-bytes.ts';

/** One file of the queue, of which `bytes` are whole records that are safe on disk. */
export interface Segment {
  readonly file: string;
  readonly number: number;
  bytes: number;
  records: number;
}

const NAME = /^(\d{12})\.segment$/;
const CHUNK = 1024 * 1024;

export const segmentFile = (folder: string, number: number): string => join(folder, `${String(number).padStart(12, '0')}.segment`);

/** The segments of a folder, oldest first, as far as their records are whole. What a crash left half written was never acknowledged. */
export async function findSegments(folder: string): Promise<{ readonly segments: Segment[]; readonly lostBytes: number }> {
  const numbers = (await readdir(folder)).flatMap((name) => NAME.exec(name)?.[1] ?? []).map(Number).sort((a, b) => a - b);
  const segments: Segment[] = [];
  let lostBytes = 0;
  for (const number of numbers) {
    const file = segmentFile(folder, number);
    const segment = { file, number, ...(await wholeRecords(file, 0)) };
    segments.push(segment);
    lostBytes += (await stat(file)).size - segment.bytes;
  }
  return { segments, lostBytes };
}

/** How many whole records there are from `start` on, and where they end. */
export async function wholeRecords(file: string, start: number): Promise<{ bytes: number; records: number }> {
  const handle = await open(file, 'r');
  try {
    let [bytes, records] = [start, 0];
    for (let size = CHUNK; ; ) {
      const chunk = await readAt(handle, bytes, size);
      const read = readRecords(chunk);
      bytes += read.bytes;
      records += read.bodies.length;
      if (read.isBroken || (read.bytes === 0 && chunk.length < size)) return { bytes, records };
      size = Math.max(CHUNK, read.nextNeeds ?? 0);
      // A length that no record of ours has is no length.
      if (size > 64 * CHUNK) return { bytes, records };
    }
  } finally {
    await handle.close();
  }
}

/** Up to `most` bytes from `at` on; fewer where the file ends. */
export async function readAt(handle: FileHandle, at: number, most: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(most);
  let filled = 0;
  while (filled < most) {
    const { bytesRead } = await handle.read(buffer, filled, most - filled, at + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/** Makes the names in a folder as safe as what is in its files. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}
