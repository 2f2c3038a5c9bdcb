/**
 * What the rules of one judgement may cost beyond signatures (D-11), in comparisons of names and policies: about 0.1 µs each, so 2 ms.
 * Real chains need a few dozen.
 */
export const RULE_WORK = 20_000;

/** Counts the work of one judgement over all paths of a chain. Once it is spent, nothing more is granted. */
export class RuleWork {
  #left = RULE_WORK;

  get isSpent(): boolean {
    return this.#left < 0;
  }

  /** Whether that much was left. */
  spend(units: number): boolean {
    this.#left -= units;
    return this.#left >= 0;
  }
}
