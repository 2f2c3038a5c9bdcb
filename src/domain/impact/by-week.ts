const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;

export const FORECAST_WEEKS = 26;
/** Certificates named of one kind in one week, and devices named. The counts are of all. */
export const MOST_NAMED = 20;

/** Places beside the weeks 0…25. */
export const ENDED = -1;
export const LATER = FORECAST_WEEKS;

/** Counts and first items by the week of their end, and which end comes next. */
export class ByWeek<Item = never> {
  readonly #at: Date;
  readonly #weeks = new Map<number, { count: number; named: Item[] }>();
  #next: Date | undefined;

  constructor(at: Date) {
    this.#at = at;
  }

  add(end: Date, item?: Item): void {
    const week = weekOf(end, this.#at);
    const known = this.#weeks.get(week) ?? { count: 0, named: [] };
    this.#weeks.set(week, known);
    known.count += 1;
    if (item !== undefined && known.named.length < MOST_NAMED) known.named.push(item);
    if (week !== ENDED && end < (this.#next ?? NEVER)) this.#next = end;
  }

  count(week: number): number {
    return this.#weeks.get(week)?.count ?? 0;
  }

  endings(week: number): { readonly count: number; readonly named: readonly Item[] } {
    return this.#weeks.get(week) ?? { count: 0, named: [] };
  }

  /** The first end that has not passed. */
  get next(): Date | undefined {
    return this.#next;
  }
}

const NEVER = new Date(8.64e15);

/** A certificate is good up to its last moment. */
export function weekOf(notAfter: Date, at: Date): number {
  const ahead = notAfter.getTime() - at.getTime();
  return ahead < 0 ? ENDED : Math.min(Math.floor(ahead / WEEK_MS), FORECAST_WEEKS);
}

export const weekAfter = (at: Date, weeks: number): Date => new Date(at.getTime() + weeks * WEEK_MS);

/** Ends by the day, so that those of a whole fleet take little room. */
export class EndDays {
  readonly #at: Date;
  readonly #days = new Map<number, number>();
  #count = 0;

  constructor(at: Date) {
    this.#at = at;
  }

  /** What has ended already is left out. */
  add(end: Date): void {
    const day = Math.floor((end.getTime() - this.#at.getTime()) / DAY_MS);
    if (day < 0) return;
    this.#days.set(day, (this.#days.get(day) ?? 0) + 1);
    this.#count += 1;
  }

  /** The beginning of the day in which this part (0…1) of all has ended, the first one for 0; undefined where there is none. */
  by(part: number): Date | undefined {
    let sum = 0;
    for (const [day, count] of [...this.#days].sort(([a], [b]) => a - b)) {
      sum += count;
      if (sum >= part * this.#count) return new Date(this.#at.getTime() + day * DAY_MS);
    }
    return undefined;
  }
}
