export interface FairLineLimits {
  /** Turns given before the others on the event loop have one. */
  readonly atOnce: number;
  /** That may wait, of all keys; one more turns the newest of the longest line away. */
  readonly waiting: number;
}

/** Connects that are judged before the rest of the event loop has a turn, and those that may wait for theirs. */
export const CONNECTS_IN_LINE: FairLineLimits = { atOnce: 8, waiting: 10_000 };

type Waiting = (hasTurn: boolean) => void;

/**
 * A line in which keys, not comers, take turns: whoever comes a thousand times waits behind himself, and who comes once waits for one of each at most (T14).
 * As long as there is no crowd, nobody waits.
 */
export class FairLine {
  readonly #limits: FairLineLimits;
  readonly #pause: () => Promise<void>;
  /** In the order of their next turn. */
  readonly #lines = new Map<string, Waiting[]>();
  #waiting = 0;
  #given = 0;
  #isGiving = false;

  /** `pause` lets everybody else on the event loop have a turn. */
  constructor(limits: FairLineLimits, pause: () => Promise<void>) {
    this.#limits = limits;
    this.#pause = pause;
  }

  /** Resolves with true when it is this comer's turn, with false when the line is too long. */
  turn(key: string): Promise<boolean> | true {
    if (!this.#isGiving) void this.#give();
    if (this.#waiting === 0 && this.#given < this.#limits.atOnce) {
      this.#given += 1;
      return true;
    }
    return new Promise((resolve) => this.#stand(key, resolve));
  }

  #stand(key: string, comer: Waiting): void {
    const line = this.#lines.get(key) ?? [];
    line.push(comer);
    this.#lines.set(key, line);
    this.#waiting += 1;
    if (this.#waiting > this.#limits.waiting) this.#turnAway();
  }

  #turnAway(): void {
    let longest: [string, Waiting[]] | undefined;
    for (const entry of this.#lines) if (entry[1].length > (longest?.[1].length ?? 0)) longest = entry;
    if (!longest) return;
    const [key, line] = longest;
    const newest = line.pop();
    if (line.length === 0) this.#lines.delete(key);
    this.#waiting -= 1;
    newest?.(false);
  }

  async #give(): Promise<void> {
    this.#isGiving = true;
    do {
      await this.#pause();
      this.#given = 0;
      while (this.#waiting > 0 && this.#given < this.#limits.atOnce) this.#next();
    } while (this.#waiting > 0 || this.#given > 0);
    this.#isGiving = false;
  }

  #next(): void {
    const [first] = this.#lines;
    if (!first) return;
    const [key, line] = first;
    const comer = line.shift();
    this.#lines.delete(key);
    if (line.length > 0) this.#lines.set(key, line); // behind all others
    this.#waiting -= 1;
    this.#given += 1;
    comer?.(true);
  }
}
