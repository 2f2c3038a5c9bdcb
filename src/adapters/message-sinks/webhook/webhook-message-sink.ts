import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../../../ports/driven/clock.ts';
import type { Identifiers } from '../../../ports/driven/identifiers.ts';
import type { Log } from '../../../ports/driven/log.ts';
import type { DeviceMessage } from '../../../ports/driven/message-sink.ts';
import type { OpenSink } from '../open-sink.ts';
import { SinkTally } from '../sink-tally.ts';
import { cloudEvent } from './cloud-event.ts';
import { DiskQueue } from './disk-queue.ts';
import { Forwarder, type ForwarderNeeds } from './forwarder.ts';
import { claimSlot, slotsOf, tryToClaim, type QueueSlot } from './queue-slot.ts';
import { syncFolder } from './segment.ts';
import { WebhookCourier } from './webhook-courier.ts';

export interface WebhookMessageSinkNeeds {
  readonly url: string;
  /** PEM; the system's where absent. */
  readonly ca?: string;
  readonly key: Buffer;
  /** Where the queues of all processes are. */
  readonly folder: string;
  readonly queueBytes: number;
  readonly clock: Clock;
  readonly identifiers: Identifiers;
  readonly log: Log;
  readonly limits?: Partial<WebhookLimits>;
}

export interface WebhookLimits {
  /** Events of one request. */
  readonly events: number;
  readonly timeoutMs: number;
  /** Between a first failure and the next try; it doubles each time up to the longest. */
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
  /** Between looks for queues that other processes left. */
  readonly leftQueuesMs: number;
}

const LIMITS: WebhookLimits = { events: 200, timeoutMs: 10_000, firstWaitMs: 250, longestWaitMs: 30_000, leftQueuesMs: 10_000 };

/** Keeps messages in a queue on disk, and posts them to a webhook in their order. One is taken when it is on disk, to stay. */
export class WebhookMessageSink implements OpenSink {
  readonly #needs: WebhookMessageSinkNeeds;
  readonly #limits: WebhookLimits;
  readonly #slot: QueueSlot;
  readonly #queue: DiskQueue;
  readonly #courier: WebhookCourier;
  readonly #ending = new AbortController();
  readonly #tally: SinkTally;
  readonly #running: Promise<void>;
  #leftQueues: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #isFull = false;

  private constructor(needs: WebhookMessageSinkNeeds, slot: QueueSlot, queue: DiskQueue) {
    this.#needs = needs;
    this.#limits = { ...LIMITS, ...needs.limits };
    this.#slot = slot;
    this.#queue = queue;
    this.#tally = new SinkTally(() => ({ queued: queue.queued, queuedBytes: queue.queuedBytes }));
    this.#courier = new WebhookCourier({ ...needs, ...this.#limits, now: () => needs.clock.now() });
    this.#running = new Forwarder(this.#forwarding(slot, queue)).run();
    this.#lookForLeftQueues();
  }

  /** @throws where the folder cannot be used */
  static async open(needs: WebhookMessageSinkNeeds): Promise<WebhookMessageSink> {
    await mkdir(needs.folder, { recursive: true, mode: 0o700 });
    const slot = claimSlot(needs.folder);
    try {
      // A folder that a power failure takes away takes its files along.
      for (const folder of [needs.folder, dirname(needs.folder)]) await syncFolder(folder);
      const queue = await DiskQueue.open({ folder: slot.folder, mostBytes: needs.queueBytes, log: needs.log });
      if (queue.queued > 0) needs.log.info({ messages: queue.queued }, 'Messages of devices from before are still to be sent to the webhook.');
      return new WebhookMessageSink(needs, slot, queue);
    } catch (error) {
      slot.letGo();
      throw error;
    }
  }

  readonly figures = () => this.#tally.figures();

  async accept(message: DeviceMessage): Promise<void | 'full'> {
    const { identifiers, clock } = this.#needs;
    try {
      const taken = await this.#queue.append(cloudEvent(message, { id: identifiers.next(), at: clock.now() }));
      this.#tally.add(taken === 'full' ? 'refused' : 'accepted');
      this.#tellRoom(taken === 'full');
      return taken;
    } catch (error) {
      this.#tally.add('refused');
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#ending.abort();
    clearTimeout(this.#timer);
    await Promise.all([this.#running, this.#leftQueues]);
    this.#courier.close();
    await this.#queue.close();
    this.#slot.letGo();
  }

  #forwarding({ folder }: QueueSlot, queue: DiskQueue): ForwarderNeeds {
    return { ...this.#limits, queue, folder, courier: this.#courier, tally: this.#tally, log: this.#needs.log, signal: this.#ending.signal };
  }

  /** One line each time it fills up, not one a message. It is told to be full again when half of it was free in between. */
  #tellRoom(isFull: boolean): void {
    const { log, queueBytes } = this.#needs;
    if (isFull && !this.#isFull) log.error({ messages: this.#queue.queued, bytes: this.#queue.queuedBytes }, 'The queue of messages for the webhook is full, or its disk is: devices are told to come again until there is room.');
    if (isFull) this.#isFull = true;
    else if (this.#queue.queuedBytes < queueBytes / 2) this.#isFull = false;
  }

  /** Not at once: the other processes of a program that starts anew take their own former queues first. */
  #lookForLeftQueues(): void {
    if (this.#ending.signal.aborted) return;
    this.#timer = setTimeout(() => {
      this.#leftQueues = this.#sendLeftQueues()
        .catch((error: unknown) => this.#needs.log.error({ error: String(error) }, 'The queues of messages that other processes left cannot be looked at.'))
        .then(() => this.#lookForLeftQueues());
    }, this.#limits.leftQueuesMs).unref();
  }

  /** A process that died acknowledged its messages like any other. One queue after the other, so that others may take the rest. */
  async #sendLeftQueues(): Promise<void> {
    const { folder, log } = this.#needs;
    for (const one of await slotsOf(folder)) {
      const slot = this.#ending.signal.aborted ? undefined : tryToClaim(one);
      if (slot === undefined) continue;
      try {
        const queue = await DiskQueue.open({ folder: slot.folder, mostBytes: 0, log });
        await new Forwarder(this.#forwarding(slot, queue)).run({ untilEmpty: true });
        await queue.close();
      } finally {
        slot.letGo();
      }
    }
  }
}
