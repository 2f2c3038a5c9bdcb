import type { ChangeFeed } from '../../ports/driven/change-feed.ts';
import type { Log } from '../../ports/driven/log.ts';
import type { ChangeFollowing } from '../../ports/driving/change-following.ts';
import type { Service } from '../../ports/service.ts';

export interface ChangeWatchNeeds {
  readonly feed: Pick<ChangeFeed, 'watch'>;
  readonly following: ChangeFollowing;
  readonly log: Log;
  /** What else is looked at when something woke us. */
  readonly alsoLook?: () => Promise<void>;
  /** Between two looks that nobody asked for. */
  readonly everyMs?: number;
  /** Milliseconds of a clock that nobody sets. */
  readonly now?: () => number;
}

/** What wakes us may be lost; then half a second is lost, of the two that are promised (D-14). */
const EVERY_MS = 500;

/** Follows the feed while the doors are open: when it is woken, and by the clock. It never looks twice at a time. */
export class ChangeWatch implements Service {
  readonly name = 'changes';
  readonly #needs: ChangeWatchNeeds;
  #timer: NodeJS.Timeout | undefined;
  #unwatch: () => void = () => undefined;
  #looking: Promise<void> | undefined;
  #isWokenAgain = false;
  #isFailing = false;
  #followedAt: number;

  constructor(needs: ChangeWatchNeeds) {
    this.#needs = needs;
    this.#followedAt = this.#now();
  }

  /** Seconds since the begin of the last look that found nothing left to follow. */
  readonly lag = (): number => (this.#now() - this.#followedAt) / 1000;

  /** Before any door opens: whoever comes in later is judged by what this has seen. */
  async start(): Promise<readonly string[]> {
    const { feed, following, everyMs = EVERY_MS } = this.#needs;
    const since = this.#now();
    await following.begin();
    this.#followedAt = since;
    this.#unwatch = feed.watch(() => this.#look());
    this.#timer = setInterval(() => this.#look(), everyMs).unref();
    return [];
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#unwatch();
    this.#isWokenAgain = false;
    await this.#looking;
  }

  #now(): number {
    return this.#needs.now?.() ?? performance.now();
  }

  #look(): void {
    this.#isWokenAgain = true;
    this.#looking ??= this.#lookUntilQuiet().finally(() => (this.#looking = undefined));
  }

  async #lookUntilQuiet(): Promise<void> {
    const { following, alsoLook, log } = this.#needs;
    while (this.#isWokenAgain) {
      this.#isWokenAgain = false;
      const since = this.#now();
      try {
        await following.catchUp();
        await alsoLook?.();
        this.#followedAt = since;
        if (this.#isFailing) log.info({}, 'Changes made elsewhere are heard of again.');
        this.#isFailing = false;
      } catch (error) {
        // The clock asks again. The place in the feed has not moved, so that nothing is lost.
        if (!this.#isFailing) log.warn({ error: String(error) }, 'Changes made elsewhere are not heard of for the moment: the store is out of order. Live sessions go on by what was known.');
        this.#isFailing = true;
      }
    }
  }
}
