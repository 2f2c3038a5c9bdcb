import type { Log } from '../../ports/driven/log.ts';
import type { Metrics } from '../../ports/driven/metrics.ts';

const WINDOW_MS = 10_000;

/**
 * Tells the operator about connections that came to nothing, without letting strangers fill the disk: the first of a kind at once,
 * the others of the next ten seconds as one count.
 */
export class TurnedAwayLog {
  readonly #log: Log;
  readonly #metrics: Pick<Metrics, 'count'> | undefined;
  readonly #windows = new Map<string, { more: number; timer: NodeJS.Timeout }>();

  constructor({ log, metrics }: { log: Log; metrics?: Pick<Metrics, 'count'> }) {
    this.#log = log;
    this.#metrics = metrics;
  }

  /** `kind` is one of few words; `sentence` says what happened and what to do. */
  note(kind: string, facts: { readonly [fact: string]: string | number }, sentence: string): void {
    this.#metrics?.count('fleetgate_connections_turned_away_total', { reason: kind });
    const window = this.#windows.get(kind);
    if (window) {
      window.more += 1;
      return;
    }
    this.#log.warn({ kind, ...facts }, sentence);
    const timer = setTimeout(() => this.#endWindow(kind), WINDOW_MS).unref();
    this.#windows.set(kind, { more: 0, timer });
  }

  close(): void {
    for (const kind of [...this.#windows.keys()]) this.#endWindow(kind);
  }

  #endWindow(kind: string): void {
    const { more, timer } = this.#windows.get(kind)!;
    clearTimeout(timer);
    this.#windows.delete(kind);
    if (more > 0) this.#log.warn({ kind, more, seconds: WINDOW_MS / 1000 }, `${more} more connections ended like this: ${kind}.`);
  }
}
