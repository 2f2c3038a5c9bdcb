import type { DeviceMessage, MessageSink } from '../../ports/driven/message-sink.ts';

const TOPIC_LIMIT = 1_000;

/** Takes every message, counts it by its topic and forgets it. */
export class CountingMessageSink implements MessageSink {
  readonly #counts = new Map<string, number>();
  #total = 0;

  async accept({ topic }: DeviceMessage): Promise<void> {
    this.#total += 1;
    const row = this.#counts.has(topic) || this.#counts.size < TOPIC_LIMIT ? topic : 'other topics';
    this.#counts.set(row, (this.#counts.get(row) ?? 0) + 1);
  }

  get total(): number {
    return this.#total;
  }

  /** Messages by topic; beyond a thousand topics the rest is one row, `other topics`. */
  counts(): ReadonlyMap<string, number> {
    return new Map(this.#counts);
  }
}
