import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '../../../ports/driven/log.ts';
import type { SinkTally } from '../sink-tally.ts';
import { batchOf } from './cloud-event.ts';
import { setAside } from './dead-letters.ts';
import type { Batch, DiskQueue } from './disk-queue.ts';
import type { Outcome, WebhookCourier } from './webhook-courier.ts';

export interface ForwarderNeeds {
  readonly queue: DiskQueue;
  /** Of the queue; dead letters lie beside it. */
  readonly folder: string;
  readonly courier: Pick<WebhookCourier, 'post'>;
  readonly tally: SinkTally;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly events: number;
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
}

/** Sends what is in one queue, batch after batch, so that messages arrive in the order in which they were taken. */
export class Forwarder {
  readonly #needs: ForwarderNeeds;
  #failures = 0;

  constructor(needs: ForwarderNeeds) {
    this.#needs = needs;
  }

  /** Until the signal comes; or, where nothing is added any more, until the queue is empty. Never rejects. */
  async run({ untilEmpty = false } = {}): Promise<void> {
    const { queue, signal, events, log } = this.#needs;
    signal.addEventListener('abort', () => queue.wake(), { once: true });
    while (!signal.aborted) {
      const filled = queue.filled();
      try {
        const batch = await queue.peek(events);
        if (batch !== undefined) await this.#hand(batch);
        else if (untilEmpty) return;
        else await filled;
      } catch (error) {
        log.error({ error: String(error) }, 'The queue of messages cannot be worked on; it is tried again.');
        await this.#wait(this.#needs.longestWaitMs);
      }
    }
  }

  async #hand(batch: Batch): Promise<void> {
    const { queue, tally } = this.#needs;
    const outcome = batch.bodies.length === 0 ? undefined : await this.#send(batch.bodies);
    if (outcome === undefined || outcome.kind === 'taken') return queue.done(batch);
    if (outcome.kind === 'failed' || this.#needs.signal.aborted) return;
    // One bad event must not hold up the others: each goes by itself, and what is refused then is the one.
    for (const body of batch.bodies) {
      if (!(await this.#handOne(body))) return;
    }
    tally.add('retried');
    return queue.done(batch);
  }

  /** Until it is taken or set aside; false when the end comes first. */
  async #handOne(body: Buffer): Promise<boolean> {
    const { folder, tally, log, signal, longestWaitMs } = this.#needs;
    while (!signal.aborted) {
      const outcome = await this.#send([body]);
      if (outcome.kind === 'taken') return true;
      if (outcome.kind === 'failed') continue;
      if (await setAside(folder, body)) {
        tally.add('deadLettered');
        log.error({ answer: outcome.why, file: 'dead-letters.jsonl', folder }, 'The webhook refuses a message for good; it was set aside.');
        return true;
      }
      log.error({ answer: outcome.why, folder }, 'The webhook refuses a message for good, and dead-letters.jsonl is full. Nothing goes on until it is emptied.');
      await this.#wait(longestWaitMs);
    }
    return false;
  }

  /** One try; after a failure it waits, ever longer, before it returns. */
  async #send(bodies: readonly Buffer[]): Promise<Outcome> {
    const { courier, tally, log, signal, firstWaitMs, longestWaitMs } = this.#needs;
    const outcome = await courier.post(batchOf(bodies), signal);
    if (outcome.kind === 'failed' && !signal.aborted) {
      tally.add('retried');
      this.#failures += 1;
      if (this.#failures === 1) log.error({ answer: outcome.why }, 'The webhook does not take messages. They are kept, and sent again until it does.');
      const most = Math.min(firstWaitMs * 2 ** (this.#failures - 1), longestWaitMs);
      // Not all processes at the same moment, nor a receiver's wish cut short.
      await this.#wait((outcome.againAfterMs ?? most / 2) + randomInt(Math.ceil(most / 2) + 1));
    } else if (outcome.kind !== 'failed') {
      if (this.#failures > 0) log.info({ failures: this.#failures }, 'The webhook takes messages again.');
      this.#failures = 0;
      if (outcome.kind === 'taken') tally.add('delivered', bodies.length);
    }
    return outcome;
  }

  async #wait(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.#needs.signal }).catch(() => undefined);
  }
}
