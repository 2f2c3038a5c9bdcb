import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import type { Addressee, Delivery, DeviceInboxes } from '../../../ports/driven/device-inboxes.ts';
import type { Log } from '../../../ports/driven/log.ts';
import { inboxSubject, topicOf } from './nats-subjects.ts';

export interface NatsDownlinkNeeds {
  readonly inboxes: DeviceInboxes;
  readonly log: Log;
}

/**
 * Listens for the devices that are connected here, each on its own subject: NATS finds the node, and whoever asks for a device that is on
 * none gets its "no responders" at once, be the device unknown, asleep or of no tenant.
 */
export class NatsDownlink {
  readonly #needs: NatsDownlinkNeeds;

  constructor(needs: NatsDownlinkNeeds) {
    this.#needs = needs;
  }

  /** For as long as the connection lives. */
  listen(connection: NatsConnection): void {
    const subscriptions = new Map<string, Subscription>();
    const unwatch = this.#needs.inboxes.watch({
      opened: (device) => {
        const subject = inboxSubject(device);
        if (subscriptions.has(subject) || connection.isClosed()) return;
        subscriptions.set(subject, connection.subscribe(subject, { callback: (error, message) => this.#take(device, error, message) }));
      },
      closed: (device) => {
        const subject = inboxSubject(device);
        const subscription = subscriptions.get(subject);
        subscriptions.delete(subject);
        if (!connection.isClosed() && !connection.isDraining()) subscription?.unsubscribe();
      },
    });
    void connection.closed().then(unwatch);
  }

  #take(device: Addressee, error: Error | null, message: Msg): void {
    if (error !== null) return this.#needs.log.error({ ...device, error: error.message }, 'NATS does not let this gate listen for messages to a device.');
    void this.#deliver(device, message);
  }

  /** Whoever asked hears what became of it; whoever only published hears nothing. */
  async #deliver(device: Addressee, message: Msg): Promise<void> {
    const topic = topicOf(message.subject);
    const status: Delivery = topic === undefined ? 'no-such-topic' : await this.#needs.inboxes.deliver(device, { topic, payload: message.data });
    if (message.reply) message.respond(JSON.stringify({ status }));
  }
}
