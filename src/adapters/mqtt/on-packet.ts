import type { Packet } from 'mqtt-packet';
import type { EndingCode } from './endings.ts';
import { onDisconnect } from './on-disconnect.ts';
import { onPublish, type PublishNeeds } from './on-publish.ts';
import { onPubrel } from './on-pubrel.ts';
import { onSubscribe } from './on-subscribe.ts';
import { onUnsubscribe } from './on-unsubscribe.ts';
import type { OpenSession } from './open-session.ts';

/** Does what one packet of an open session asks for; an ending when the connection is over by it. */
export async function onPacket(packet: Packet, session: OpenSession, needs: PublishNeeds): Promise<EndingCode | undefined> {
  switch (packet.cmd) {
    case 'publish':
      return onPublish(packet, session, needs);
    case 'puback':
      return session.deliveries.acknowledged(packet.messageId!, packet.reasonCode ?? 0);
    case 'pubrec':
      return session.deliveries.received(packet.messageId!, packet.reasonCode ?? 0);
    case 'pubcomp':
      return session.deliveries.completed(packet.messageId!);
    case 'pubrel':
      return onPubrel(packet, session);
    case 'subscribe':
      return onSubscribe(packet, session);
    case 'unsubscribe':
      return onUnsubscribe(packet, session);
    case 'pingreq':
      return void session.send({ cmd: 'pingresp' });
    case 'disconnect':
      return onDisconnect(packet, session);
    // The splitter lets none of these through; a new type of mqtt-packet would not compile here.
    case 'connect':
    case 'auth':
    case 'connack':
    case 'pingresp':
    case 'suback':
    case 'unsuback':
      return 'packet.type';
  }
}
