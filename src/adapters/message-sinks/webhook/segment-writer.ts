import { open, unlink, type FileHandle } from 'node:fs/promises';
import { recordBytes } from './record-bytes.ts';
import { segmentFile, syncFolder, type Segment } from './segment.ts';

export interface SegmentWriterNeeds {
  readonly folder: string;
  readonly segmentBytes: number;
  /** Number of the first segment that is written. */
  readonly from: number;
  /** A new segment is there, empty. */
  readonly whenBegun: (segment: Segment) => void;
  /** Records of so many bytes are safe at the end of the segment. */
  readonly whenWritten: (segment: Segment, records: number, bytes: number) => void;
}

interface Waiting {
  readonly record: Buffer;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Bytes of one group; more wait for the next. */
const LARGEST_GROUP = 4 * 1024 * 1024;

/** Appends records to segments. All that come while one group is synced share the next sync. */
export class SegmentWriter {
  readonly #needs: SegmentWriterNeeds;
  #next: number;
  #current: { readonly segment: Segment; readonly handle: FileHandle } | undefined;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | undefined;
  #isClosed = false;

  constructor(needs: SegmentWriterNeeds) {
    this.#needs = needs;
    this.#next = needs.from;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** The segment that is written to: no reader may remove it. */
  get current(): Segment | undefined {
    return this.#current?.segment;
  }

  /** Resolves when the record is on disk, to stay. */
  append(body: Buffer): Promise<void> {
    // From here on the folder may be another process's.
    if (this.#isClosed) return Promise.reject(new Error('the queue of messages is closed'));
    const record = recordBytes(body);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ record, resolve, reject });
      this.#waitingBytes += record.length;
      this.#writing ??= this.#writeAll().finally(() => (this.#writing = undefined));
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    while (this.#writing) await this.#writing;
    await this.#finish();
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup();
      const bytes = Buffer.concat(group.map(({ record }) => record));
      try {
        const { segment, handle } = (this.#current ??= await this.#begin());
        await writeWhole(handle, bytes, segment.bytes);
        await handle.datasync();
        this.#needs.whenWritten(segment, group.length, bytes.length);
        for (const { resolve } of group) resolve();
        if (segment.bytes >= this.#needs.segmentBytes) await this.#finish();
      } catch (error) {
        // After a failed sync nobody knows what is on disk: this file is never written to again, and its tail counts for nothing.
        await this.#current?.handle.truncate(this.#current.segment.bytes).catch(() => undefined);
        await this.#finish();
        for (const { reject } of group) reject(error);
      } finally {
        this.#waitingBytes -= bytes.length;
      }
    }
  }

  #takeGroup(): readonly Waiting[] {
    let bytes = 0;
    const beyond = this.#waiting.findIndex(({ record }, i) => (bytes += record.length) > LARGEST_GROUP && i > 0);
    return this.#waiting.splice(0, beyond === -1 ? this.#waiting.length : beyond);
  }

  async #begin(): Promise<{ segment: Segment; handle: FileHandle }> {
    const { folder, whenBegun } = this.#needs;
    const segment = { file: segmentFile(folder, this.#next), number: this.#next, bytes: 0, records: 0 };
    this.#next += 1;
    const handle = await open(segment.file, 'wx', 0o600);
    try {
      await syncFolder(folder);
    } catch (error) {
      await handle.close();
      await unlink(segment.file).catch(() => undefined);
      throw error;
    }
    whenBegun(segment);
    return { segment, handle };
  }

  async #finish(): Promise<void> {
    const handle = this.#current?.handle;
    this.#current = undefined;
    await handle?.close().catch(() => undefined);
  }
}

async function writeWhole(handle: FileHandle, bytes: Buffer, at: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    written += (await handle.write(bytes, written, bytes.length - written, at + written)).bytesWritten;
  }
}
