export interface TurnstileLimits {
  readonly atOnce: number;
  readonly waiting: number;
  /** Who has waited for so long is turned away: whoever sent them there has most likely given up. */
  readonly longestWaitMs: number;
}

/** Lets a few pass at once, makes some wait in order, and turns the rest away. */
export class Turnstile {
  readonly #limits: TurnstileLimits;
  readonly #queue: (() => void)[] = [];
  #inside = 0;

  constructor(limits: TurnstileLimits) {
    this.#limits = limits;
  }

  /** @throws where too many wait already, or the wait is too long */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inside < this.#limits.atOnce) this.#inside++;
    else await this.#turn();
    try {
      return await work();
    } finally {
      const next = this.#queue.shift();
      // Whoever leaves hands the place on; nobody can slip in between.
      if (next) next();
      else this.#inside--;
    }
  }

  #turn(): Promise<void> {
    const { waiting, longestWaitMs } = this.#limits;
    if (this.#queue.length >= waiting) throw overloaded(`more than ${waiting} are waiting for a password check already`);
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        clearTimeout(patience);
        resolve();
      };
      const patience = setTimeout(() => {
        this.#queue.splice(this.#queue.indexOf(enter), 1);
        reject(overloaded(`a password check did not get its turn within ${longestWaitMs} ms`));
      }, longestWaitMs);
      this.#queue.push(enter);
    });
  }
}

/** Told apart by its code: the server is not out of order, it is asked too much. */
const overloaded = (why: string): Error => Object.assign(new Error(`${why}; try again in a few seconds`), { code: 'password-checks-overloaded' });
