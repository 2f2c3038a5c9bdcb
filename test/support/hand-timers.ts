import type { Timers } from '../../src/adapters/mqtt/timers.ts';

interface Alarm {
  readonly at: number;
  readonly what: () => void;
}

/** A clock that stands still until a test moves it. */
export class HandTimers implements Timers {
  #now = 0;
  readonly #alarms = new Set<Alarm>();

  now(): number {
    return this.#now;
  }

  after(ms: number, what: () => void): () => void {
    const alarm = { at: this.#now + ms, what };
    this.#alarms.add(alarm);
    return () => this.#alarms.delete(alarm);
  }

  /** How many time-outs run. */
  get running(): number {
    return this.#alarms.size;
  }

  /** Lets `ms` pass: what is due happens in order, each at its own moment. */
  pass(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const due = [...this.#alarms].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#alarms.delete(due);
      this.#now = due.at;
      due.what();
    }
    this.#now = until;
  }
}
