import type { Timers } from './timers.ts';

/** Passes when nobody has touched it for a while. Touching costs no timer. */
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
    this.#cancel = this.#timers.after(ms, () => {
      const left = this.#isHeld ? this.#ms : this.#touchedAt + this.#ms - this.#timers.now();
      if (left > 0) this.#arm(left);
      else this.#whenPassed();
    });
  }
}
