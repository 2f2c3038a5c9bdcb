import type { Packet, QoS } from 'mqtt-packet';
import type { EndingCode } from './endings.ts';

export interface DeliveriesNeeds {
  /** Sends, unless the packet is larger than the client takes; says whether it did. */
  readonly send: (packet: Packet) => boolean;
  /** Messages the client takes before it has acknowledged. */
  readonly receiveMaximum: number;
  /** Messages kept for the client in all. */
  readonly unacknowledged: number;
}

interface Message {
  readonly topic: string;
  readonly payload: string | Buffer;
  readonly qos: QoS;
  /** Of QoS 1 and 2, called once: whether the client has acknowledged it, or never will. */
  readonly whenSettled?: (isAcknowledged: boolean) => void;
}

interface Sent {
  awaits: Awaited;
  readonly message: Message;
}

type Awaited = 'puback' | 'pubrec' | 'pubcomp';

/**
 * Messages on their way to one client, with their handshakes (MQTT 5 §4.3). They die with the connection (D-15), so that nothing
 * is ever sent twice. Acknowledgements nobody asked for change nothing (M17).
 */
export class Deliveries {
  readonly #needs: DeliveriesNeeds;
  readonly #awaited = new Map<number, Sent>();
  readonly #waiting: Message[] = [];
  #lastId = 0;

  constructor(needs: DeliveriesNeeds) {
    this.#needs = needs;
  }

  /** Messages of QoS 1 and 2 that lie here, sent or not, until the client acknowledges. */
  get unacknowledged(): number {
    return this.#awaited.size + this.#waiting.length;
  }

  /** An ending when the client has let too many messages lie. */
  deliver(message: Message): EndingCode | undefined {
    if (message.qos === 0) {
      this.#needs.send(publish(message));
      return undefined;
    }
    if (this.unacknowledged >= this.#needs.unacknowledged) return 'connection.does-not-acknowledge';
    this.#waiting.push(message);
    this.#sendWaiting();
    return undefined;
  }

  /** QoS 1. MQTT 5: from 0x80 on the client did not take it. */
  acknowledged(id: number, reasonCode: number): undefined {
    if (this.#awaited.get(id)?.awaits === 'puback') this.#done(id, reasonCode < 0x80);
  }

  /** QoS 2, first answer. MQTT 5: from 0x80 on the client did not take it, and the handshake is over (§4.3.3). */
  received(id: number, reasonCode: number): undefined {
    const sent = this.#awaited.get(id);
    const isKnown = sent?.awaits === 'pubrec' || sent?.awaits === 'pubcomp';
    if (sent?.awaits === 'pubrec' && reasonCode >= 0x80) return this.#done(id, false);
    if (sent?.awaits === 'pubrec') sent.awaits = 'pubcomp';
    if (reasonCode < 0x80) this.#needs.send({ cmd: 'pubrel', messageId: id, reasonCode: isKnown ? 0 : 0x92 });
  }

  completed(id: number): undefined {
    if (this.#awaited.get(id)?.awaits === 'pubcomp') this.#done(id, true);
  }

  /** The connection is over: nothing that lies here will be acknowledged. */
  abandon(): void {
    const all = [...[...this.#awaited.values()].map(({ message }) => message), ...this.#waiting.splice(0)];
    this.#awaited.clear();
    for (const { whenSettled } of all) whenSettled?.(false);
  }

  #done(id: number, isAcknowledged: boolean): undefined {
    const sent = this.#awaited.get(id);
    this.#awaited.delete(id);
    sent?.message.whenSettled?.(isAcknowledged);
    this.#sendWaiting();
  }

  #sendWaiting(): void {
    while (this.#awaited.size < this.#needs.receiveMaximum) {
      const message = this.#waiting.shift();
      if (message === undefined) return;
      const id = this.#nextId();
      if (this.#needs.send(publish(message, id))) this.#awaited.set(id, { awaits: message.qos === 1 ? 'puback' : 'pubrec', message });
      else message.whenSettled?.(false);
    }
  }

  #nextId(): number {
    do this.#lastId = (this.#lastId % 0xffff) + 1;
    while (this.#awaited.has(this.#lastId));
    return this.#lastId;
  }
}

const publish = ({ topic, payload, qos }: Message, messageId?: number): Packet => ({
  cmd: 'publish',
  ...{ topic, payload, qos },
  dup: false,
  retain: false,
  ...(messageId !== undefined && { messageId }),
});
