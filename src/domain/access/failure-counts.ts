/** How often one kind of thing may fail, and how long it then waits. */
export interface FailureRule {
  /** So many failures cost nothing. */
  readonly free: number;
  /** The wait begins with a second, doubles with each further failure, and ends here. */
  readonly longestWaitMs: number;
}

export interface Count {
  failures: number;
  /** Checks that are under way. */
  inFlight: number;
  waiting: number;
  last: number;
  until: number;
  /** Settled when one of those under way ends. */
  next: PromiseWithResolvers<void>;
}

/** Failures that are so old no longer count. */
const FORGOTTEN_AFTER_MS = 3_600_000;
/** Of each kind; the one that was quiet longest goes first. About 2 MB. */
const MOST = 10_000;

/** Failures by key, in bounded memory. */
export class FailureCounts {
  readonly #rule: FailureRule;
  readonly #counts = new Map<string, Count>();

  constructor(rule: FailureRule) {
    this.#rule = rule;
  }

  /** Milliseconds until the next attempt may come; 0: now. */
  wait(key: string, now: number): number {
    return Math.max(0, this.#known(key, now).until - now);
  }

  /** The count of a key that has as many attempts under way as it has left: the next attempt waits for one of them to end. */
  crowded(key: string, now: number): Count | undefined {
    const count = this.#known(key, now);
    return count.inFlight > 0 && count.failures + count.inFlight >= this.#rule.free ? count : undefined;
  }

  begin(key: string, now: number): void {
    this.#known(key, now).inFlight += 1;
  }

  end(key: string, now: number): void {
    const count = this.#known(key, now);
    count.inFlight -= 1;
    count.next.resolve();
    count.next = Promise.withResolvers();
  }

  /** Milliseconds that the key waits from now on. */
  failed(key: string, now: number): number {
    const count = this.#known(key, now);
    count.failures += 1;
    count.last = now;
    const over = count.failures - this.#rule.free;
    if (over >= 0) count.until = now + Math.min(1000 * 2 ** over, this.#rule.longestWaitMs);
    return Math.max(0, count.until - now);
  }

  failures(key: string, now: number): number {
    return this.#known(key, now).failures;
  }

  forgive(key: string, failures: number, now: number): void {
    const count = this.#known(key, now);
    count.failures = Math.max(0, count.failures - failures);
  }

  get size(): number {
    return this.#counts.size;
  }

  /** Looked at is remembered anew, as the last of all. A clock that was set back makes no wait longer. */
  #known(key: string, now: number): Count {
    const count = this.#counts.get(key) ?? { failures: 0, inFlight: 0, waiting: 0, last: now, until: 0, next: Promise.withResolvers<void>() };
    if (now - count.last > FORGOTTEN_AFTER_MS || now < count.last) Object.assign(count, { failures: 0, last: now, until: 0 });
    this.#counts.delete(key);
    this.#counts.set(key, count);
    if (this.#counts.size > MOST) this.#forgetOne();
    return count;
  }

  #forgetOne(): void {
    for (const [key, { inFlight }] of this.#counts) {
      if (inFlight > 0) continue;
      this.#counts.delete(key);
      return;
    }
  }
}
