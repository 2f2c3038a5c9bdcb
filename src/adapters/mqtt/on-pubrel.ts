import type { IPubrelPacket } from 'mqtt-packet';
import type { OpenSession } from './open-session.ts';

/** "Packet Identifier not found" (MQTT 5 §3.7.2.1). */
const NOT_FOUND = 0x92;

/** Ends the handshake of a message of QoS 2. An id nobody knows is completed too, or its client would ask for ever. */
export function onPubrel({ messageId }: IPubrelPacket, session: OpenSession): undefined {
  const wasOpen = session.openMessages.delete(messageId!);
  session.send({ cmd: 'pubcomp', messageId: messageId!, reasonCode: wasOpen ? 0 : NOT_FOUND });
}
