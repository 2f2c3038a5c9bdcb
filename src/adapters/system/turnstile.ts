/** Lets a few pass at once, makes some wait in order, and turns the rest away. */
export class Turnstile {
  readonly #limits: { readonly atOnce: number; readonly waiting: number };
  readonly #queue: (() => void)[] = [];
  #inside = 0;

  constructor(limits: { readonly atOnce: number; readonly waiting: number }) {
    this.#limits = limits;
  }

  /** @throws where too many wait already */
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
    if (this.#queue.length >= this.#limits.waiting) {
      const error = new Error(`more than ${this.#limits.waiting} are waiting for a password check already; try again in a few seconds`);
      throw Object.assign(error, { code: 'password-checks-overloaded' });
    }
    return new Promise((resolve) => this.#queue.push(resolve));
  }
}
