import { fstatSync, write } from 'node:fs';
import { Socket } from 'node:net';

/** Bytes held for an output that does not take them; lines that come then are lost, and the service goes on (F29). */
const MOST_HELD = 8 * 1024 * 1024;
const AGAIN_MS = 50;
/** Lines of so long go out together: a write of its own for each costs the event loop more than all else about it. */
const GATHER_MS = 10;
/** What several processes write to one pipe stays whole up to here (PIPE_BUF of Linux). A single line that is longer may be torn. */
const WHOLE_BYTES = 4096;

/**
 * Writes lines to a file descriptor in the order in which they come, and never makes the caller wait. Pino's own destination retries for
 * ever on a full disk when it is flushed, which would keep the gate from ending.
 */
export class LineOutput {
  readonly #send: Send;
  readonly #whenLost: (lines: number) => void;
  /** Bytes in one write. */
  readonly #most: number;
  #lost = 0;
  #held: string[] = [];
  #heldBytes = 0;
  #writing = false;
  #gathering: NodeJS.Timeout | undefined;
  #whenIdle: (() => void)[] = [];

  /** `whenLost` is told how many lines nobody took, as soon as lines are taken again. */
  constructor({ to, whenLost = () => undefined, isShared = false }: { readonly to: number; readonly whenLost?: (lines: number) => void; readonly isShared?: boolean }) {
    this.#send = senderTo(to);
    this.#most = isShared ? WHOLE_BYTES : MOST_HELD;
    this.#whenLost = whenLost;
  }

  write(line: string): void {
    const bytes = Buffer.byteLength(line);
    if (this.#heldBytes + bytes > MOST_HELD) return void (this.#lost += 1);
    this.#held.push(line);
    this.#heldBytes += bytes;
    if (!this.#writing) this.#gather();
  }

  /** Resolves when everything held is written, or after `mostMs`: an output that takes nothing must not keep the program from ending. */
  flush(mostMs = 1_000): Promise<void> {
    if (!this.#writing) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const deadline = setTimeout(resolve, mostMs);
    this.#whenIdle.push(() => {
      clearTimeout(deadline);
      resolve();
    });
    if (this.#gathering !== undefined) this.#writeHeld();
    return promise;
  }

  #gather(): void {
    this.#writing = true;
    this.#gathering = setTimeout(() => this.#writeHeld(), GATHER_MS);
  }

  #writeHeld(): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    let lines = 0;
    for (let bytes = 0; lines < this.#held.length; lines++) {
      bytes += Buffer.byteLength(this.#held[lines]!);
      if (lines > 0 && bytes > this.#most) break;
    }
    this.#writeChunk(Buffer.from(this.#held.splice(0, lines).join('')));
  }

  #writeChunk(chunk: Buffer): void {
    this.#send(chunk, (error, written) => {
      if (error?.code === 'EAGAIN') {
        setTimeout(() => this.#writeChunk(chunk), AGAIN_MS).unref();
        return;
      }
      // A reader that went away or a full disk: these lines are lost, the next ones are tried again.
      const done = error ? chunk.length : written;
      this.#heldBytes -= done;
      if (done < chunk.length) this.#writeChunk(chunk.subarray(done));
      else this.#written();
    });
  }

  #written(): void {
    // Whoever waits for the end waits for no company.
    if (this.#held.length > 0) return this.#whenIdle.length > 0 || this.#heldBytes >= this.#most ? this.#writeHeld() : this.#gather();
    this.#writing = false;
    this.#tellLost();
    for (const tell of this.#whenIdle.splice(0)) tell();
  }

  #tellLost(): void {
    const lost = this.#lost;
    this.#lost = 0;
    if (lost > 0) this.#whenLost(lost);
  }
}

type Send = (chunk: Buffer, then: (error: NodeJS.ErrnoException | null | undefined, written: number) => void) => void;

/** A pipe that nobody reads would hold a thread of Node's pool for ever, and a process waits for those when it ends: it is not written to by a thread. */
function senderTo(to: number): Send {
  const kind = fstatSync(to);
  if (!kind.isFIFO() && !kind.isSocket()) return (chunk, then) => write(to, chunk, then);
  const pipe = new Socket({ fd: to, readable: false, writable: true });
  pipe.on('error', () => undefined);
  return (chunk, then) => void pipe.write(chunk, (error) => then(error, chunk.length));
}
