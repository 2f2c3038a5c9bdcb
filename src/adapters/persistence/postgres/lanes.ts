import { databaseFailure, type DatabaseFailure } from '../database-failure.ts';

/** Something that waits for the database. */
export interface Waiting {
  /** What is alike goes together, and waits behind nothing else. */
  readonly lane: string;
  readonly refuse: (failure: DatabaseFailure) => void;
  /** `performance.now()`, when it came. */
  readonly since: number;
  /** Goes by itself: together with others it failed. */
  readonly alone?: boolean;
}

export interface LanesOptions<Item extends Waiting> {
  /** Answers each of `items`, of one lane. Never rejects. */
  readonly run: (items: readonly Item[]) => Promise<void>;
  /** Items that go together. */
  readonly batch: number;
  /** Batches of one lane that are under way at one time. */
  readonly abreast: number;
  /** Items that wait; one more is refused. */
  readonly queueLimit: number;
  /** Who has waited for longer is refused when it would be its turn. */
  readonly waitMs: number;
  /** `host:port/database`, for sentences. */
  readonly place: string;
}

interface Lane<Item> {
  readonly queue: Item[];
  underWay: number;
}

/**
 * Gathers what waits while others are under way: one round trip, and where it writes one commit, for all of them. What waits for a locked
 * table fills its own lanes and no other (F17).
 */
export class Lanes<Item extends Waiting> {
  readonly #options: LanesOptions<Item>;
  readonly #lanes = new Map<string, Lane<Item>>();
  #waiting = 0;
  #underWay = 0;
  #whenIdle: (() => void) | undefined;

  constructor(options: LanesOptions<Item>) {
    this.#options = options;
  }

  add(item: Item): void {
    if (this.#waiting >= this.#options.queueLimit) return item.refuse(overloaded(`${this.#waiting} statements wait for PostgreSQL at ${this.#options.place} already`));
    const lane = this.#lanes.get(item.lane) ?? { queue: [], underWay: 0 };
    this.#lanes.set(item.lane, lane);
    lane.queue.push(item);
    this.#waiting += 1;
    this.#pump(item.lane, lane);
  }

  /** Resolves when nothing waits and nothing is under way. */
  async idle(): Promise<void> {
    while (this.#waiting > 0 || this.#underWay > 0) await new Promise<void>((resolve) => (this.#whenIdle = resolve));
  }

  #pump(name: string, lane: Lane<Item>): void {
    while (lane.queue.length > 0 && lane.underWay < this.#options.abreast) {
      const items = this.#take(lane);
      if (items.length > 0) void this.#run(name, lane, items);
    }
    if (lane.queue.length === 0 && lane.underWay === 0) this.#lanes.delete(name);
    if (this.#waiting === 0 && this.#underWay === 0) this.#whenIdle?.();
  }

  #take({ queue }: Lane<Item>): readonly Item[] {
    const { batch, waitMs, place } = this.#options;
    const together = queue.findIndex(({ alone }) => alone);
    const items = queue.splice(0, together === -1 ? batch : Math.min(batch, Math.max(1, together)));
    this.#waiting -= items.length;
    const latest = performance.now() - waitMs;
    for (const { since, refuse } of items) if (since < latest) refuse(overloaded(`PostgreSQL at ${place} was busy for ${waitMs} ms`));
    return items.filter(({ since }) => since >= latest);
  }

  async #run(name: string, lane: Lane<Item>, items: readonly Item[]): Promise<void> {
    lane.underWay += 1;
    this.#underWay += 1;
    await this.#options.run(items);
    lane.underWay -= 1;
    this.#underWay -= 1;
    this.#pump(name, lane);
  }
}

const overloaded = (why: string): DatabaseFailure => databaseFailure('database-overloaded', `${why}. Try again in a moment.`);
