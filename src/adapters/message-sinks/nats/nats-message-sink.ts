import { setTimeout as pause } from 'node:timers/promises';
import { jetstream, JetStreamApiError } from '@nats-io/jetstream';
import { headers, type Authenticator, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node';
import type { DeviceInboxes } from '../../../ports/driven/device-inboxes.ts';
import type { Identifiers } from '../../../ports/driven/identifiers.ts';
import type { Log } from '../../../ports/driven/log.ts';
import type { DeviceMessage } from '../../../ports/driven/message-sink.ts';
import type { OpenSink } from '../open-sink.ts';
import { SinkTally } from '../sink-tally.ts';
import { NatsDownlink } from './nats-downlink.ts';
import { NatsLink } from './nats-link.ts';
import { ensureStream } from './nats-stream.ts';
import { upstreamSubject } from './nats-subjects.ts';

export interface NatsMessageSinkNeeds {
  readonly servers: readonly string[];
  /** PEM; the system's where absent. */
  readonly ca?: string;
  readonly authenticator: Authenticator | undefined;
  /** Made where it is not there; undefined: whatever stream takes the subjects. */
  readonly stream: string | undefined;
  readonly inboxes: DeviceInboxes;
  readonly identifiers: Identifiers;
  readonly log: Log;
  readonly limits?: Partial<NatsLimits>;
}

export interface NatsLimits {
  /** A message is held for so long while NATS is away; devices wait for their acknowledgement about as long. */
  readonly heldMs: number;
  /** For the stream's acknowledgement, before the message is sent again. */
  readonly attemptMs: number;
  /** Bytes of messages that are held at one time. */
  readonly heldBytes: number;
}

const LIMITS: NatsLimits = { heldMs: 4_000, attemptMs: 2_000, heldBytes: 32 * 1024 * 1024 };
const AGAIN_MS = 100;
/** What nats-server says when the bounds of the stream or the account are reached, or its store takes no more. */
const FULL: readonly number[] = [10_002, 10_023, 10_028, 10_047, 10_077];

/** Hands messages to a stream of NATS JetStream; one is taken when the stream has acknowledged it. Messages for devices come back the same way. */
export class NatsMessageSink implements OpenSink {
  readonly #needs: NatsMessageSinkNeeds;
  readonly #limits: NatsLimits;
  readonly #link: NatsLink;
  readonly #tally = new SinkTally(() => ({ queued: this.#held, queuedBytes: this.#heldBytes }));
  readonly figures = this.#tally.figures;
  #held = 0;
  #heldBytes = 0;

  constructor(needs: NatsMessageSinkNeeds) {
    this.#needs = needs;
    this.#limits = { ...LIMITS, ...needs.limits };
    const downlink = new NatsDownlink(needs);
    const whenConnected = (connection: NatsConnection): void => {
      downlink.listen(connection);
      void ensureStream(connection, needs.stream, needs.log);
    };
    this.#link = new NatsLink({ ...needs, whenConnected });
  }

  async accept(message: DeviceMessage): Promise<void | 'full'> {
    const bytes = message.payload.length + message.topic.length;
    if (this.#heldBytes + bytes > this.#limits.heldBytes) {
      this.#tally.add('refused');
      return 'full';
    }
    this.#held += 1;
    this.#heldBytes += bytes;
    try {
      if ((await this.#store(message)) === 'full') {
        this.#tally.add('refused');
        return 'full';
      }
      this.#tally.add('accepted');
      this.#tally.add('delivered');
    } catch (error) {
      this.#tally.add('refused');
      throw error;
    } finally {
      this.#held -= 1;
      this.#heldBytes -= bytes;
    }
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  /** Tries until the time is up. Whatever went wrong may be over at the next try: a server that starts anew has its streams a moment later. */
  async #store(message: DeviceMessage): Promise<void | 'full'> {
    const until = performance.now() + this.#limits.heldMs;
    const msgID = this.#needs.identifiers.next(); // the same at every try: what was stored already is not stored twice
    let why: unknown = 'it cannot be reached';
    for (let tries = 0; ; tries += 1) {
      const connection = await this.#link.up(until - performance.now());
      if (connection === undefined) break;
      if (tries > 0) this.#tally.add('retried');
      try {
        return await this.#publish(connection, message, { msgID, timeout: this.#limits.attemptMs });
      } catch (error) {
        if (isFull(error)) return 'full';
        why = error;
      }
      if (performance.now() + AGAIN_MS >= until) break;
      await pause(AGAIN_MS);
    }
    throw new Error(`NATS did not take it: ${String(why)}`);
  }

  async #publish(connection: NatsConnection, message: DeviceMessage, options: { readonly msgID: string; readonly timeout: number }): Promise<void> {
    const { stream } = this.#needs;
    const expect = stream === undefined ? {} : { expect: { streamName: stream } };
    await jetstream(connection).publish(upstreamSubject(message), message.payload, { ...options, ...expect, headers: headersOf(message) });
  }
}

/** The stream keeps what it has and takes no more, by its bounds or for want of disk. */
const isFull = (error: unknown): boolean => error instanceof JetStreamApiError && FULL.includes(error.code);

/** What a subject cannot carry as it is; percent-encoded, for a header is a line. */
function headersOf({ tenant, device, topic, isWill }: DeviceMessage): MsgHdrs {
  const all = headers();
  all.set('Fleetgate-Tenant', tenant);
  all.set('Fleetgate-Device', encodeURIComponent(device));
  all.set('Fleetgate-Topic', topic.split('/').map(encodeURIComponent).join('/'));
  if (isWill) all.set('Fleetgate-Will', 'true');
  return all;
}
