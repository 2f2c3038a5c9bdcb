export interface TurnLimits {
  /** Holders of one key's turns at a time. */
  readonly sideBySide: number;
  /** … and those that wait for one; one more is turned away. */
  readonly waiting: number;
}

interface Line {
  held: number;
  readonly waiting: (() => void)[];
}

/** Lets so many of one key go on at a time, in the order in which they came. Keys do not know of each other: one that is stuck holds up itself alone (T14). */
export class Turns {
  readonly #limits: TurnLimits;
  readonly #lines = new Map<string, Line>();

  constructor(limits: TurnLimits) {
    this.#limits = limits;
  }

  /** Resolves when it is this one's turn, with what ends it, once; with undefined when the line is too long. */
  async take(key: string): Promise<(() => void) | undefined> {
    const line = this.#lines.get(key) ?? { held: 0, waiting: [] };
    this.#lines.set(key, line);
    if (line.held >= this.#limits.sideBySide) {
      if (line.waiting.length >= this.#limits.waiting) return undefined;
      // Whoever ends hands the turn on, so that nobody who comes in between takes it.
      await new Promise<void>((resolve) => line.waiting.push(resolve));
    } else line.held += 1;
    let ended = false;
    return () => {
      if (!ended) this.#end(key, line);
      ended = true;
    };
  }

  /** Keys of which somebody has a turn. */
  get size(): number {
    return this.#lines.size;
  }

  #end(key: string, line: Line): void {
    const next = line.waiting.shift();
    if (next) return next();
    line.held -= 1;
    if (line.held === 0) this.#lines.delete(key);
  }
}
