import { restAfter } from './asking-times.ts';

export const LANE_LIMITS = { atOnce: 2, atOnceInAll: 16, waiting: 2_000, waitingInAll: 10_000 } as const;

interface Lane<Item> {
  readonly waiting: Map<string, Item>;
  readonly underWay: Set<string>;
  failures: number;
  /** Milliseconds since 1970: until then its responder is left alone. */
  restsUntil: number;
}

export interface Taken<Item> {
  readonly lane: string;
  readonly key: string;
  readonly item: Item;
}

/**
 * Who is asked next: one lane for the responders of each CA, so that one that hangs or fails holds up no other. Lanes take turns. Of what
 * waits or is under way already, nothing is taken a second time.
 */
export class AskingLanes<Item> {
  readonly #lanes = new Map<string, Lane<Item>>();
  #waiting = 0;
  #underWay = 0;

  /** False: it is there already, or there is no more place. */
  add(name: string, key: string, item: Item): boolean {
    const lane = this.#laneOf(name);
    if (lane.waiting.has(key) || lane.underWay.has(key)) return false;
    if (lane.waiting.size >= LANE_LIMITS.waiting || this.#waiting >= LANE_LIMITS.waitingInAll) return false;
    lane.waiting.set(key, item);
    this.#waiting += 1;
    return true;
  }

  /** How many more a lane may be given; none while its responder rests. */
  spaceIn(name: string, now: number): number {
    const lane = this.#lanes.get(name);
    if (!lane) return Math.min(LANE_LIMITS.waiting, LANE_LIMITS.waitingInAll - this.#waiting);
    return lane.restsUntil > now ? 0 : Math.min(LANE_LIMITS.waiting - lane.waiting.size, LANE_LIMITS.waitingInAll - this.#waiting);
  }

  take(now: number): Taken<Item> | undefined {
    if (this.#underWay >= LANE_LIMITS.atOnceInAll) return undefined;
    for (const [name, lane] of this.#lanes) {
      const [first] = lane.waiting;
      if (!first || lane.restsUntil > now || lane.underWay.size >= LANE_LIMITS.atOnce) continue;
      const [key, item] = first;
      lane.waiting.delete(key);
      lane.underWay.add(key);
      this.#waiting -= 1;
      this.#underWay += 1;
      // Its turn is over: it goes behind the others.
      this.#lanes.delete(name);
      this.#lanes.set(name, lane);
      return { lane: name, key, item };
    }
    return undefined;
  }

  /** `reached`: the responder answered, whatever it said. Undefined: it was not asked. */
  done({ lane: name, key }: Pick<Taken<Item>, 'lane' | 'key'>, reached: boolean | undefined, now: number): void {
    const lane = this.#laneOf(name);
    if (lane.underWay.delete(key)) this.#underWay -= 1;
    if (reached !== undefined) {
      lane.failures = reached ? 0 : lane.failures + 1;
      lane.restsUntil = reached ? 0 : now + restAfter(lane.failures);
    }
    if (lane.waiting.size === 0 && lane.underWay.size === 0 && lane.failures === 0) this.#lanes.delete(name);
  }

  #laneOf(name: string): Lane<Item> {
    const known = this.#lanes.get(name);
    if (known) return known;
    const lane: Lane<Item> = { waiting: new Map(), underWay: new Set(), failures: 0, restsUntil: 0 };
    this.#lanes.set(name, lane);
    return lane;
  }
}
