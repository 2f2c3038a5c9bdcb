import type { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import type { PacketEndingCode } from './packet-endings.ts';
import { FrameSplitter } from './packets/frame-splitter.ts';

export interface PacketIntakeNeeds {
  readonly stream: Duplex;
  readonly maximumPacketBytes: number;
  /** Bytes read ahead while a frame is being worked on; then reading stops. */
  readonly readAheadBytes: number;
  /** Whether the next frame is the first of the connection. */
  readonly isFirst: () => boolean;
  /** Whether the next frame may be worked on now; where not, resolves when to ask again. Always where absent. */
  readonly mayTake?: () => true | Promise<void>;
  /** Works on one frame. The next one comes when the promise resolves with true; none comes after false. */
  readonly take: (frame: Buffer) => Promise<boolean>;
  readonly whenBroken: (ending: PacketEndingCode) => void;
  /** All that came was worked on for now. */
  readonly whenIdle: () => void;
  /** The peer sends no more, and all that it sent was worked on. */
  readonly whenEnded: () => void;
}

/** Small chunks that may wait: each costs more memory than its bytes. */
const CHUNKS_AHEAD = 64;
/** Frames worked on before the other connections have a turn: one chunk can hold 32,000 of them, which would take a second. */
const FRAMES_A_TURN = 100;

/**
 * Gives out the frames of a stream one after the other: the next one when the last was worked on. What a peer has sent before it
 * closed is worked on, so that a device may publish, take its leave and go.
 */
export class PacketIntake {
  readonly #needs: PacketIntakeNeeds;
  readonly #splitter: FrameSplitter;
  #working: Promise<void> | undefined;
  #isOver = false;
  #hasEnded = false;

  constructor(needs: PacketIntakeNeeds) {
    this.#needs = needs;
    this.#splitter = new FrameSplitter(needs.maximumPacketBytes);
  }

  push(chunk: Buffer): void {
    if (this.#isOver) return;
    this.#splitter.push(chunk);
    if (this.#splitter.waitingBytes > this.#needs.readAheadBytes || this.#splitter.waitingChunks > CHUNKS_AHEAD) this.#needs.stream.pause();
    this.#work();
  }

  end(): void {
    this.#hasEnded = true;
    this.#work();
  }

  /** Gives out no more frames. The one that is being worked on is finished. */
  stop(): void {
    this.#isOver = true;
  }

  /** Resolves when no frame is being worked on and none will be. Call after `stop` or `end`. */
  async idle(): Promise<void> {
    while (this.#working !== undefined) await this.#working;
  }

  #work(): void {
    this.#working ??= this.#loop().then(() => this.#settle());
  }

  async #loop(): Promise<void> {
    for (let frames = 1; !this.#isOver; frames += 1) {
      const split = this.#splitter.next(this.#needs.isFirst());
      if (split === undefined) return;
      if ('ending' in split) {
        this.stop();
        return this.#needs.whenBroken(split.ending);
      }
      const isItsTime = this.#needs.mayTake?.() ?? true;
      if (isItsTime !== true && !(await this.#isLater(isItsTime))) return;
      if (!(await this.#needs.take(split.frame))) this.stop();
      if (frames % FRAMES_A_TURN === 0) await turn();
    }
  }

  /** A peer that sends too fast waits here: its stream is not read meanwhile, so that it costs us nothing. */
  async #isLater(askedAgain: true | Promise<void>): Promise<boolean> {
    for (let when = askedAgain; when !== true; when = this.#needs.mayTake?.() ?? true) {
      this.#needs.whenIdle();
      await when;
      if (this.#isOver) return false;
    }
    return true;
  }

  /** Between the last look and this moment more may have come. */
  #settle(): void {
    this.#working = undefined;
    this.#needs.whenIdle();
    if (this.#isOver) return;
    this.#needs.stream.resume();
    if (this.#splitter.waitingBytes > 0) this.#work();
    else if (this.#hasEnded) {
      this.stop();
      this.#needs.whenEnded();
    }
  }
}
