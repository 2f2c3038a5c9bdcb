/** How many connections an address may open: `burst` at once, `perSecond` in the long run. */
export interface AllowanceLimits {
  readonly perSecond: number;
  readonly burst: number;
  /** Addresses remembered at a time; the one that was quiet longest is forgotten first. */
  readonly addresses: number;
}

/**
 * A token bucket per address (M27). What OpenSSL spends on a peer's chain inside the handshake cannot be bounded in Node,
 * so that it is charged here afterwards (D-11): a debt makes the address wait.
 */
export class AddressAllowance {
  readonly #limits: AllowanceLimits;
  readonly #now: () => number;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  /** `now` is a clock in milliseconds that never jumps. */
  constructor({ limits, now = () => performance.now() }: { limits: AllowanceLimits; now?: () => number }) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Whether `address` may open one more connection; takes one token if so. */
  take(address: string): boolean {
    const bucket = this.#bucketOf(address);
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }

  /** Takes `tokens` more for what a connection has cost. The debt is at most one burst. */
  charge(address: string, tokens: number): void {
    const bucket = this.#bucketOf(address);
    bucket.tokens = Math.max(-this.#limits.burst, bucket.tokens - tokens);
  }

  #bucketOf(address: string): { tokens: number; at: number } {
    const { perSecond, burst, addresses } = this.#limits;
    const now = this.#now();
    const known = this.#buckets.get(address);
    const bucket = known ?? { tokens: burst, at: now };
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * perSecond);
    bucket.at = now;
    this.#buckets.delete(address); // a Map keeps the order of insertion: this moves the address to the end
    if (this.#buckets.size >= addresses) this.#buckets.delete(this.#buckets.keys().next().value!);
    this.#buckets.set(address, bucket);
    return bucket;
  }
}
