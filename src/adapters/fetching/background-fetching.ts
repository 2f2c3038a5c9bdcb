import type { Leadership } from '../../ports/driven/leadership.ts';
import type { Service } from '../../ports/service.ts';

/** Never rejects; ends early where its signal is given. */
interface Rounds {
  round(signal?: AbortSignal): Promise<void>;
}

export interface BackgroundFetchingNeeds {
  readonly fetching: Rounds;
  /** Of several processes one does it. By default each. */
  readonly lead?: Leadership;
  /** Between the end of a round and the next, in milliseconds. */
  readonly everyMs?: number;
  /** A last round, with its signal given, waits for what earlier ones left under way. */
  readonly waitsAtEnd?: boolean;
}

/** Runs rounds for as long as the gate is open. */
export class BackgroundFetching implements Service {
  readonly name = 'fetching';
  readonly #fetching: Rounds;
  readonly #lead: Leadership;
  readonly #everyMs: number;
  readonly #waitsAtEnd: boolean;
  readonly #ending = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();

  constructor({ fetching, lead = { isMine: () => true }, everyMs = 5_000, waitsAtEnd = false }: BackgroundFetchingNeeds) {
    this.#fetching = fetching;
    this.#lead = lead;
    this.#everyMs = everyMs;
    this.#waitsAtEnd = waitsAtEnd;
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
    if (this.#waitsAtEnd) await this.#fetching.round(this.#ending.signal);
  }

  #wait(): void {
    if (this.#ending.signal.aborted) return;
    this.#timer = setTimeout(() => {
      this.#round = (this.#lead.isMine() ? this.#fetching.round(this.#ending.signal) : Promise.resolve()).then(() => this.#wait());
    }, this.#everyMs);
  }
}
