import type { Leadership } from '../../ports/driven/leadership.ts';
import { lifeOf, type Lease, type Leases } from '../../ports/driven/leases.ts';
import type { Log } from '../../ports/driven/log.ts';
import type { SessionPlaces } from '../../ports/driven/session-places.ts';
import type { Service } from '../../ports/service.ts';

export interface LeaseKeeperNeeds {
  readonly leases: Leases;
  readonly places: Pick<SessionPlaces, 'tidy'>;
  readonly board: { reclaim(): Promise<void>; settle(): Promise<void> };
  readonly holder: string;
  readonly log: Log;
  readonly beatMs?: number;
  /** A lease that stands still for so long is ended. */
  readonly lapseMs?: number;
  /** Milliseconds of a clock that nobody sets. */
  readonly now?: () => number;
}

const BEAT_MS = 3_000;
const LAPSE_MS = 12_000;
const LEAD = 'background work';

interface Seen extends Lease {
  /** Since when it stands still. */
  readonly since: number;
}

/** Says that this process lives, does the work of the dead where nobody does, and forgets them (D-65). */
export class LeaseKeeper implements Service, Leadership {
  readonly name = 'leases';
  readonly #needs: Required<LeaseKeeperNeeds>;
  #seen: ReadonlyMap<string, Seen> = new Map();
  #isBorn = false;
  /** What could not be done is done at the next beat: the lease tells of it once. */
  #mustReclaim = false;
  #mustTidy = true;
  #leads = false;
  #lastBeat = Number.NEGATIVE_INFINITY;
  #isFailing = false;
  #isEnding = false;
  #timer: NodeJS.Timeout | undefined;
  #beating: Promise<void> = Promise.resolve();

  constructor(needs: LeaseKeeperNeeds) {
    this.#needs = { beatMs: BEAT_MS, lapseMs: LAPSE_MS, now: () => performance.now(), ...needs };
  }

  async start(): Promise<readonly string[]> {
    await this.beat();
    this.#wait();
    return [];
  }

  async stop(): Promise<void> {
    this.#isEnding = true;
    clearTimeout(this.#timer);
    await this.#beating;
    const { leases, board, holder } = this.#needs;
    this.#leads = false;
    await board.settle();
    // What cannot be given back now lapses.
    await Promise.allSettled([leases.release(LEAD, holder), leases.release(lifeOf(holder), holder)]);
  }

  /** Not where we could not say so ourselves for a while: another may lead by now. */
  isMine(): boolean {
    const { now, lapseMs } = this.#needs;
    return this.#leads && now() - this.#lastBeat < lapseMs / 2;
  }

  /** Rejects where the store is out of order. */
  async beat(): Promise<void> {
    const { leases, holder, board, now } = this.#needs;
    const life = await leases.keep(lifeOf(holder), holder);
    this.#mustReclaim ||= life === 'new' && this.#isBorn;
    this.#isBorn = true;
    if (this.#mustReclaim) await board.reclaim();
    this.#mustReclaim = false;
    this.#leads = (await leases.keep(LEAD, holder)) !== 'of-another';
    this.#lastBeat = now();
    await this.#buryTheDead();
  }

  #wait(): void {
    if (this.#isEnding) return;
    this.#timer = setTimeout(() => {
      this.#beating = this.#tryToBeat().then(() => this.#wait());
    }, this.#needs.beatMs).unref();
  }

  async #tryToBeat(): Promise<void> {
    try {
      await this.beat();
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) this.#needs.log.warn({ error: String(error) }, 'That this process lives could not be written down: the store is out of order. Others may take it for dead.');
      this.#isFailing = true;
    }
  }

  async #buryTheDead(): Promise<void> {
    const { leases, places, holder, lapseMs, now, log } = this.#needs;
    const at = now();
    const seen = new Map<string, Seen>();
    const dead: string[] = [];
    for (const lease of await leases.all()) {
      if (lease.holder === holder) continue;
      const before = this.#seen.get(lease.name);
      const since = before && before.holder === lease.holder && before.beat === lease.beat ? before.since : at;
      if (at - since >= lapseMs && (await leases.end(lease))) dead.push(lease.name);
      else seen.set(lease.name, { ...lease, since });
    }
    this.#seen = seen;
    if (dead.length > 0) log.info({ leases: dead }, 'Another process is gone without a word; where its devices were is forgotten.');
    this.#mustTidy ||= dead.length > 0;
    if (this.#mustTidy) await places.tidy();
    this.#mustTidy = false;
  }
}
