import type { Leadership } from '../../ports/driven/leadership.ts';
import type { ListFetching } from '../../ports/driving/list-fetching.ts';
import type { Service } from '../../ports/service.ts';

export interface BackgroundFetchingNeeds {
  readonly fetching: ListFetching;
  /** Of several processes one fetches. By default this one. */
  readonly lead?: Leadership;
  /** Between the end of a round and the next. */
  readonly everyMs?: number;
}

/** Runs rounds for as long as the gate is open. */
export class BackgroundFetching implements Service {
  readonly name = 'fetching';
  readonly #fetching: ListFetching;
  readonly #lead: Leadership;
  readonly #everyMs: number;
  readonly #ending = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();

  constructor({ fetching, lead = { isMine: () => true }, everyMs = 5_000 }: BackgroundFetchingNeeds) {
    this.#fetching = fetching;
    this.#lead = lead;
    this.#everyMs = everyMs;
  }

  async start(): Promise<readonly string[]> {
    this.#wait();
    return [];
  }

  /** A list that is being filled in is filled to its end; what is being fetched is given up. */
  async stop(): Promise<void> {
    this.#ending.abort();
    clearTimeout(this.#timer);
    await this.#round;
  }

  #wait(): void {
    if (this.#ending.signal.aborted) return;
    this.#timer = setTimeout(() => {
      this.#round = (this.#lead.isMine() ? this.#fetching.round(this.#ending.signal) : Promise.resolve()).then(() => this.#wait());
    }, this.#everyMs);
  }
}
