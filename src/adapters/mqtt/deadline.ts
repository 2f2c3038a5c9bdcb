import type { Timers } from './timers.ts';

/** An alarm that comes this much too late says that the process stood still: nobody listened meanwhile. */
const LATE_MS = 500;
/** Then what lies in the kernel is read first. */
const LISTEN_MS = 1_000;

/** Passes when nobody has touched it for a while. Touching costs no timer. A process that was stopped does not blame its peers for it (F21). */
export class Deadline {
  readonly #timers: Timers;
  readonly #whenPassed: () => void;
  #ms = 0;
  #touchedAt = 0;
  #isHeld = false;
  #cancel: (() => void) | undefined;

  constructor(timers: Timers, whenPassed: () => void) {
    this.#timers = timers;
    this.#whenPassed = whenPassed;
  }

  start(ms: number): void {
    this.stop();
    this.#ms = ms;
    this.touch();
    this.#arm(ms);
  }

  touch(): void {
    this.#touchedAt = this.#timers.now();
  }

  /** While we are working, the silence is ours and does not count. `touch` when it is done. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    this.touch();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #arm(ms: number): void {
    const due = this.#timers.now() + ms;
    this.#cancel = this.#timers.after(ms, () => {
      const now = this.#timers.now();
      const left = this.#isHeld ? this.#ms : this.#touchedAt + this.#ms - now;
      if (left > 0) this.#arm(left);
      else if (now - due > LATE_MS) this.#arm(LISTEN_MS);
      else this.#whenPassed();
    });
  }
}
