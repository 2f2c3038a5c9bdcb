import type { IPublishPacket } from 'mqtt-packet';
import type { Log } from '../../ports/driven/log.ts';
import type { MessageSink } from '../../ports/driven/message-sink.ts';
import type { Metrics } from '../../ports/driven/metrics.ts';
import type { Tracer } from '../../ports/driven/tracer.ts';
import type { SmartrestDesk } from '../../ports/driving/smartrest-desk.ts';
import type { TokenDesk } from '../../ports/driving/token-desk.ts';
import { sendReplies, workOnSmartrest } from './answer-smartrest.ts';
import { answerTokenRequest } from './answer-token-request.ts';
import { topicKind } from './device-topics.ts';
import type { EndingCode } from './endings.ts';
import type { OpenSession } from './open-session.ts';
import type { Peer } from '../tls/peer.ts';

export interface PublishNeeds {
  readonly sink: MessageSink;
  readonly tokens: TokenDesk;
  readonly smartrest: SmartrestDesk;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'count' | 'took'>;
  readonly tracer: Tracer;
  readonly peer: Pick<Peer, 'connection'>;
}

const UNKNOWN_TOPIC = 'Dropped: no such topic. Publish on s/us, s/uc/<x>, s/ut/<x>, s/uat, or a JSON topic such as event/events/create.';
const NO_ROOM = 'Not taken: there is no room for messages of devices at the moment. Send it again later.';
const TOO_OFTEN = 'Dropped: too many token requests. The token you have stays valid; ask again in a second.';

/** Takes one message (D-16). The acknowledgement is sent when the message is safe, and before what answers it. Retain means nothing here. */
export async function onPublish(packet: IPublishPacket, session: OpenSession, needs: PublishNeeds): Promise<EndingCode | undefined> {
  const kind = topicKind(packet.topic);
  if (kind === 'downstream') return 'topic.downstream';
  if (packet.qos === 2) {
    if (session.openMessages.has(packet.messageId!)) return void session.send({ cmd: 'pubrec', messageId: packet.messageId!, reasonCode: 0 });
    if (session.openMessages.size >= session.limits.receiveMaximum) return 'publish.too-many-open';
  }
  switch (kind) {
    case 'upstream':
      return takeMessage(packet, session, needs);
    case 'unknown':
      session.dropped.unknownTopic += 1;
      return acknowledge(packet, session, { code: 0x90, sentence: UNKNOWN_TOPIC });
    case 'token-request':
      if (session.tokenAllowance.take()) {
        acknowledge(packet, session);
        return answerTokenRequest(session, needs);
      }
      session.dropped.tokenRequests += 1;
      return acknowledge(packet, session, { code: 0x97, sentence: TOO_OFTEN });
  }
}

async function takeMessage(packet: IPublishPacket, session: OpenSession, needs: PublishNeeds): Promise<EndingCode | undefined> {
  const { sink, log } = needs;
  const { tenant, device } = session.device;
  try {
    const taken = await sink.accept({ tenant, device, topic: packet.topic, payload: Buffer.from(packet.payload), isWill: false });
    if (taken === 'full') return leaveOut(packet, session);
  } catch (error) {
    log.error({ tenant, device, error: String(error) }, 'A message was not taken, and its device is told to come again: the message sink is out of order.');
    return 'connection.out-of-order';
  }
  const answer = await workOnSmartrest(packet, session, needs);
  acknowledge(packet, session);
  return answer && sendReplies(answer, session);
}

/** There is no room for it (D-69). MQTT 3 has no word for that but an end, after which a device sends again what was not acknowledged. */
function leaveOut(packet: IPublishPacket, session: OpenSession): EndingCode | undefined {
  session.dropped.noRoom += 1;
  if (packet.qos > 0 && session.terms.version !== 5) return 'connection.no-room';
  return acknowledge(packet, session, { code: 0x97, sentence: NO_ROOM });
}

/** Says that the message is here, or in MQTT 5 why it was dropped. MQTT 3 has no way to say so: the acknowledgement is the same. */
function acknowledge({ qos, messageId }: IPublishPacket, session: OpenSession, dropped?: { code: number; sentence: string }): undefined {
  if (qos === 0) return;
  // A PUBREC from 0x80 on ends the handshake in MQTT 5: no PUBREL follows (§4.3.3).
  const isOver = dropped !== undefined && session.terms.version === 5;
  if (qos === 2 && !isOver) session.openMessages.add(messageId!);
  const packet = { cmd: qos === 1 ? 'puback' : 'pubrec', messageId: messageId!, reasonCode: dropped?.code ?? 0 } as const;
  if (dropped === undefined) session.send(packet);
  else session.sendExplained(packet, dropped.sentence);
}
