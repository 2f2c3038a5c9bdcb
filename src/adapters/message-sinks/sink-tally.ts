import type { SinkFigures } from '../../ports/driven/sink-counts.ts';

type Counted = 'accepted' | 'refused' | 'retried' | 'delivered' | 'deadLettered';

/** Plain counters of one sink, since the start. */
export class SinkTally {
  readonly #counts: Record<Counted, number> = { accepted: 0, refused: 0, retried: 0, delivered: 0, deadLettered: 0 };
  /** What waits on disk now. */
  readonly #waiting: () => Pick<SinkFigures, 'queued' | 'queuedBytes'>;

  constructor(waiting: () => Pick<SinkFigures, 'queued' | 'queuedBytes'> = () => ({ queued: 0, queuedBytes: 0 })) {
    this.#waiting = waiting;
  }

  add(what: Counted, count = 1): void {
    this.#counts[what] += count;
  }

  readonly figures = (): SinkFigures => ({ ...this.#counts, ...this.#waiting() });
}
