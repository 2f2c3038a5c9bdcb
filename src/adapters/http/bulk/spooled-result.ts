import { randomUUID } from 'node:crypto';
import { mkdir, open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { sentenceOf } from '../../../domain/refusal.ts';
import type { TenantId } from '../../../domain/trust/tenant.ts';
import type { BulkAnswer } from '../../../ports/driving/registration-desk.ts';

const WRITTEN_AT_ONCE = 64 * 1024;
/** Separate the lists of the answer, and end it. */
const BETWEEN = '],"failedCreationList":[';
const END = ']}';

/**
 * The answer to a bulk registration (wire-contract §4.1), kept on disk until all rows are done, for the figures come first in it.
 *
 * Its files have no name any more once they are open: whatever ends the process, they are gone with it. Memory: 64 KiB a list.
 */
export class SpooledResult {
  readonly #tenant: TenantId;
  readonly #taken: SpooledList;
  readonly #failed: SpooledList;
  #created = 0;

  constructor({ tenant, taken, failed }: { readonly tenant: TenantId; readonly taken: SpooledList; readonly failed: SpooledList }) {
    this.#tenant = tenant;
    this.#taken = taken;
    this.#failed = failed;
  }

  static async open(dir: string, tenant: TenantId): Promise<SpooledResult> {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const taken = new SpooledList(await openNameless(dir));
    try {
      return new SpooledResult({ tenant, taken, failed: new SpooledList(await openNameless(dir)) });
    } catch (error) {
      await taken.close();
      throw error;
    }
  }

  async add(answer: BulkAnswer): Promise<void> {
    if (answer.result === 'failed') return this.#failed.add(failure(answer, this.#tenant));
    if (answer.result === 'registered') this.#created += 1;
    return this.#taken.add({ bulkNewDeviceStatus: 'CREDENTIAL_UPDATED', deviceId: answer.device });
  }

  /** The answer as a stream, and its length in bytes. The stream closes the spool when it is done or destroyed. */
  async send(): Promise<{ readonly stream: Readable; readonly length: number }> {
    const [successful, failed] = [this.#taken.count, this.#failed.count];
    const figures = { numberOfAll: successful + failed, numberOfCreated: this.#created, numberOfFailed: failed, numberOfSuccessful: successful };
    const start = `${JSON.stringify(figures).slice(0, -1)},"credentialUpdatedList":[`;
    const length = Buffer.byteLength(start + BETWEEN + END) + (await this.#taken.finish()) + (await this.#failed.finish());
    const stream = Readable.from(inOrder(start, this.#taken, BETWEEN, this.#failed, END), { objectMode: false });
    // Not in a `finally` of the generator: one that was never started never comes to it.
    stream.once('close', () => void this.close());
    return { stream, length };
  }

  /** Safe to call twice. */
  async close(): Promise<void> {
    await Promise.all([this.#taken.close(), this.#failed.close()]);
  }
}

/** Members of a JSON array, without its brackets, in a file. */
class SpooledList {
  readonly #file: FileHandle;
  #waiting = '';
  #bytes = 0;
  #count = 0;
  #closed: Promise<void> | undefined;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  get count(): number {
    return this.#count;
  }

  async add(member: object): Promise<void> {
    this.#waiting += `${this.#count === 0 ? '' : ','}${JSON.stringify(member)}`;
    this.#count += 1;
    if (this.#waiting.length >= WRITTEN_AT_ONCE) await this.finish();
  }

  /** Writes what waits; returns how many bytes there are. */
  async finish(): Promise<number> {
    const bytes = Buffer.from(this.#waiting);
    this.#waiting = '';
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, at, bytes.length - at, this.#bytes);
      at += bytesWritten;
      this.#bytes += bytesWritten;
    }
    return this.#bytes;
  }

  async *read(): AsyncGenerator<Buffer, void, void> {
    for (let at = 0; at < this.#bytes; ) {
      const { bytesRead, buffer } = await this.#file.read(Buffer.alloc(WRITTEN_AT_ONCE), 0, WRITTEN_AT_ONCE, at);
      if (bytesRead === 0) throw new Error('the spool of a bulk registration is shorter than what was written to it');
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#file.close());
  }
}

async function openNameless(dir: string): Promise<FileHandle> {
  const name = join(dir, `bulk-${randomUUID()}`);
  const file = await open(name, 'wx+', 0o600);
  await rm(name);
  return file;
}

async function* inOrder(...parts: readonly (string | SpooledList)[]): AsyncGenerator<Buffer, void, void> {
  for (const part of parts) {
    if (typeof part === 'string') yield Buffer.from(part);
    else yield* part.read();
  }
}

/** `line` has the form that clients know, with nothing in it that was secret. `lineNumber` and `code` are ours. */
function failure({ line, id, refusal }: Extract<BulkAnswer, { result: 'failed' }>, tenant: TenantId): object {
  return {
    bulkNewDeviceStatus: 'FAILED',
    deviceId: id,
    failureReason: `Line ${line}: ${sentenceOf(refusal)}`,
    line: `DeviceInfo{id='${id}', credentials='***', tenant='${tenant}'}`,
    lineNumber: line,
    code: refusal.code,
  };
}
