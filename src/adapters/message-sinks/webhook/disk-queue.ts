import { mkdir, open, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../../../ports/driven/log.ts';
import { HEADER_BYTES, readRecords } from './record-bytes.ts';
import { SegmentWriter } from './segment-writer.ts';
import { findSegments, readAt, wholeRecords, type Segment } from './segment.ts';

export interface DiskQueueNeeds {
  readonly folder: string;
  /** Bytes of records that may wait. On disk there may be one segment more. */
  readonly mostBytes: number;
  readonly segmentBytes?: number;
  readonly log: Log;
}

/** Records in the order in which they were appended, and where the queue stands when they are done. */
export interface Batch {
  readonly bodies: readonly Buffer[];
  readonly next: Cursor;
}

interface Cursor {
  readonly segment: number;
  readonly offset: number;
}

const NO_SPACE: readonly (string | undefined)[] = ['ENOSPC', 'EDQUOT'];
/** Bytes read at one time. */
const CHUNK = 1024 * 1024;

/**
 * A queue in files, for one process and one reader. What was appended is there after any crash, and is read again until it is done: the
 * cursor is written without a sync, so that after a crash a few records may come a second time, and none is missing.
 */
export class DiskQueue {
  readonly #needs: Required<DiskQueueNeeds>;
  readonly #segments: Segment[];
  readonly #writer: SegmentWriter;
  #cursor: Cursor;
  #queued: number;
  #queuedBytes: number;
  #whenFilled = Promise.withResolvers<void>();

  private constructor(needs: Required<DiskQueueNeeds>, segments: Segment[], cursor: Cursor, waiting: { records: number; bytes: number }) {
    this.#needs = needs;
    this.#segments = segments;
    this.#cursor = cursor;
    this.#queued = waiting.records;
    this.#queuedBytes = waiting.bytes;
    const from = Math.max(cursor.segment, segments.at(-1)?.number ?? 0) + 1;
    const whenWritten = (segment: Segment, records: number, bytes: number): void => this.#written(segment, records, bytes);
    this.#writer = new SegmentWriter({ ...needs, from, whenBegun: (segment) => void this.#segments.push(segment), whenWritten });
  }

  static async open(given: DiskQueueNeeds): Promise<DiskQueue> {
    const needs = { segmentBytes: 8 * 1024 * 1024, ...given };
    await mkdir(needs.folder, { recursive: true, mode: 0o700 });
    const { segments, lostBytes } = await findSegments(needs.folder);
    if (lostBytes > 0) needs.log.warn({ folder: needs.folder, bytes: lostBytes }, 'The queue of messages ends in bytes that are no record, as after a crash; they are left out.');
    const written = await readCursor(needs.folder);
    const cursor = segments.some(({ number }) => number === written?.segment) ? written! : { segment: segments[0]?.number ?? written?.segment ?? 0, offset: 0 };
    const waiting = await waitingFrom(segments, cursor);
    return new DiskQueue(needs, segments, cursor, waiting);
  }

  get queued(): number {
    return this.#queued;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Resolves when the record is safe, or with `full` where there is no room for it, in the queue or on the disk. Rejects where the disk does not take it. */
  async append(body: Buffer): Promise<void | 'full'> {
    const bytes = this.#queuedBytes + this.#writer.waitingBytes + HEADER_BYTES + body.length;
    if (bytes > this.#needs.mostBytes) return 'full';
    try {
      await this.#writer.append(body);
    } catch (error) {
      if (!NO_SPACE.includes((error as NodeJS.ErrnoException).code)) throw error;
      return 'full';
    }
  }

  /** The records that come next, at most so many and as many as fit into a chunk; undefined where none waits. */
  async peek(most: number): Promise<Batch | undefined> {
    for (;;) {
      const segment = this.#segments.find(({ number }) => number >= this.#cursor.segment);
      if (segment === undefined) return this.#isEmpty();
      const offset = segment.number === this.#cursor.segment ? this.#cursor.offset : 0;
      if (offset < segment.bytes) return this.#read(segment, offset, most);
      if (segment === this.#writer.current) return this.#isEmpty();
      await this.#remove(segment);
    }
  }

  /** The records of `batch` never come again, unless a crash comes first. */
  async done({ bodies, next }: Batch): Promise<void> {
    this.#queued -= bodies.length;
    this.#queuedBytes -= bodies.reduce((sum, body) => sum + HEADER_BYTES + body.length, 0);
    this.#cursor = next;
    const file = join(this.#needs.folder, 'cursor');
    await writeFile(`${file}.new`, JSON.stringify(next), { mode: 0o600 });
    await rename(`${file}.new`, file);
  }

  /** Resolves when records were added after this was called, or somebody was woken. */
  filled(): Promise<void> {
    return this.#whenFilled.promise;
  }

  /** Has whoever waits for records look again. */
  wake(): void {
    this.#whenFilled.resolve();
    this.#whenFilled = Promise.withResolvers<void>();
  }

  /** Records under way are written first. */
  close(): Promise<void> {
    return this.#writer.close();
  }

  async #read(segment: Segment, offset: number, most: number): Promise<Batch> {
    const handle = await open(segment.file, 'r');
    try {
      const first = readRecords(await readAt(handle, offset, Math.min(CHUNK, segment.bytes - offset)), most);
      const read = first.bodies.length === 0 && first.nextNeeds ? readRecords(await readAt(handle, offset, first.nextNeeds), 1) : first;
      if (read.bodies.length === 0) return this.#leaveOut(segment, offset);
      return { bodies: read.bodies, next: { segment: segment.number, offset: offset + read.bytes } };
    } finally {
      await handle.close();
    }
  }

  /** Damaged while we ran: what is behind cannot be read, and must not keep all others from their way. */
  #leaveOut(segment: Segment, offset: number): Batch {
    this.#needs.log.error({ file: segment.file, from: offset, to: segment.bytes }, 'A part of the queue of messages was damaged on disk and is left out: acknowledged messages are lost.');
    return { bodies: [], next: { segment: segment.number, offset: segment.bytes } };
  }

  /** Damage has no count: what was counted and is not there is put right here. */
  #isEmpty(): undefined {
    this.#queued = 0;
    this.#queuedBytes = 0;
  }

  async #remove(segment: Segment): Promise<void> {
    this.#segments.splice(this.#segments.indexOf(segment), 1);
    this.#cursor = { segment: segment.number + 1, offset: 0 };
    await unlink(segment.file).catch(() => undefined);
  }

  #written(segment: Segment, records: number, bytes: number): void {
    segment.bytes += bytes;
    segment.records += records;
    this.#queued += records;
    this.#queuedBytes += bytes;
    this.wake();
  }
}

async function readCursor(folder: string): Promise<Cursor | undefined> {
  const text = await readFile(join(folder, 'cursor'), 'utf8').catch(() => '');
  const [, segment, offset] = /^\{"segment":(\d{1,12}),"offset":(\d{1,12})\}$/.exec(text) ?? [];
  return segment === undefined ? undefined : { segment: Number(segment), offset: Number(offset) };
}

async function waitingFrom(segments: readonly Segment[], cursor: Cursor): Promise<{ records: number; bytes: number }> {
  const sum = { records: 0, bytes: 0 };
  for (const segment of segments.filter(({ number }) => number >= cursor.segment)) {
    const offset = segment.number === cursor.segment ? Math.min(cursor.offset, segment.bytes) : 0;
    const { records } = offset === 0 ? segment : await wholeRecords(segment.file, offset);
    sum.records += records;
    sum.bytes += segment.bytes - offset;
  }
  return sum;
}
