/** How often something may happen for one key: `burst` times at once, `perSecond` times a second after that. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** Keys that are remembered; the one that was quiet longest is forgotten first, and begins anew with a full burst. */
const MOST = 50_000;

/** A token bucket per key, in bounded memory. A clock that was set back gives nothing and takes nothing. */
export class Rates {
  readonly #rate: Rate;
  readonly #most: number;
  readonly #buckets = new Map<string, { left: number; at: number }>();

  constructor(rate: Rate, most = MOST) {
    this.#rate = rate;
    this.#most = most;
  }

  /** Seconds, at least 1, until it may happen for this key; 0: it may now, and that counts. `now` in milliseconds. */
  take(key: string, now: number): number {
    const { perSecond, burst } = this.#rate;
    if (burst === Infinity) return 0;
    const bucket = this.#buckets.get(key) ?? { left: burst, at: now };
    bucket.left = Math.min(burst, bucket.left + (Math.max(0, now - bucket.at) / 1000) * perSecond);
    bucket.at = now;
    this.#buckets.delete(key); // a Map keeps the order of insertion: this moves the key to the end
    this.#buckets.set(key, bucket);
    const [quietest] = this.#buckets.keys();
    if (this.#buckets.size > this.#most && quietest !== undefined) this.#buckets.delete(quietest);
    if (bucket.left < 1) return Math.max(1, Math.ceil((1 - bucket.left) / perSecond));
    bucket.left -= 1;
    return 0;
  }

  /** Keys in memory, for whoever holds it to its bound. */
  get size(): number {
    return this.#buckets.size;
  }
}
