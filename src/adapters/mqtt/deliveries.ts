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
  readonly payload: string;
  readonly qos: QoS;
}

type Awaited = 'puback' | 'pubrec' | 'pubcomp';

/**
 * Messages on their way to one client, with their handshakes (MQTT 5 §4.3). They die with the connection (D-15), so that nothing
 * is ever sent twice. Acknowledgements nobody asked for change nothing (M17).
 */
export class Deliveries {
  readonly #needs: DeliveriesNeeds;
  readonly #awaited = new Map<number, Awaited>();
  readonly #waiting: Message[] = [];
  #lastId = 0;

  constructor(needs: DeliveriesNeeds) {
    this.#needs = needs;
  }

  /** An ending when the client has let too many messages lie. */
  deliver(message: Message): EndingCode | undefined {
    if (message.qos === 0) {
      this.#needs.send(publish(message));
      return undefined;
    }
    if (this.#awaited.size + this.#waiting.length >= this.#needs.unacknowledged) return 'connection.does-not-acknowledge';
    this.#waiting.push(message);
    this.#sendWaiting();
    return undefined;
  }

  acknowledged(id: number): undefined {
    if (this.#awaited.get(id) === 'puback') this.#done(id);
  }

  /** QoS 2, first answer. MQTT 5: from 0x80 on the client did not take it, and the handshake is over (§4.3.3). */
  received(id: number, reasonCode: number): undefined {
    const awaited = this.#awaited.get(id);
    if (awaited === 'pubrec' && reasonCode >= 0x80) return this.#done(id);
    if (awaited === 'pubrec') this.#awaited.set(id, 'pubcomp');
    const isKnown = awaited === 'pubrec' || awaited === 'pubcomp';
    if (reasonCode < 0x80) this.#needs.send({ cmd: 'pubrel', messageId: id, reasonCode: isKnown ? 0 : 0x92 });
  }

  completed(id: number): undefined {
    if (this.#awaited.get(id) === 'pubcomp') this.#done(id);
  }

  #done(id: number): undefined {
    this.#awaited.delete(id);
    this.#sendWaiting();
  }

  #sendWaiting(): void {
    while (this.#awaited.size < this.#needs.receiveMaximum) {
      const message = this.#waiting.shift();
      if (message === undefined) return;
      const id = this.#nextId();
      if (this.#needs.send(publish(message, id))) this.#awaited.set(id, message.qos === 1 ? 'puback' : 'pubrec');
    }
  }

  #nextId(): number {
    do this.#lastId = (this.#lastId % 0xffff) + 1;
    while (this.#awaited.has(this.#lastId));
    return this.#lastId;
  }
}

const publish = (message: Message, messageId?: number): Packet => ({
  cmd: 'publish',
  ...message,
  dup: false,
  retain: false,
  ...(messageId !== undefined && { messageId }),
});
