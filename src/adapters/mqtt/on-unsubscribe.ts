import type { IUnsubscribePacket } from 'mqtt-packet';
import type { OpenSession } from './open-session.ts';

/** "No subscription existed" (MQTT 5 §3.11.3); MQTT 3.1.1 has no codes here, and mqtt-packet writes none. */
const NONE_EXISTED = 0x11;

export function onUnsubscribe({ messageId, unsubscriptions }: IUnsubscribePacket, session: OpenSession): undefined {
  const granted = unsubscriptions.map((filter) => (session.subscriptions.delete(filter) ? 0 : NONE_EXISTED));
  session.send({ cmd: 'unsuback', messageId: messageId!, granted });
}
