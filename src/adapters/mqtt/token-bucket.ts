import type { Timers } from './timers.ts';

export interface TokenBucketNeeds {
  readonly timers: Timers;
  readonly burst: number;
  readonly perSecond: number;
}

/** Lets something happen `burst` times at once and `perSecond` times a second after that. */
export class TokenBucket {
  readonly #needs: TokenBucketNeeds;
  #left: number;
  #at: number;

  constructor(needs: TokenBucketNeeds) {
    this.#needs = needs;
    this.#left = needs.burst;
    this.#at = needs.timers.now();
  }

  /** Whether it may happen now; if so, it counts. */
  take(): boolean {
    const { timers, burst, perSecond } = this.#needs;
    const now = timers.now();
    this.#left = Math.min(burst, this.#left + ((now - this.#at) / 1000) * perSecond);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
