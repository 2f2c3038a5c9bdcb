import type { IPublishPacket } from 'mqtt-packet';
import type { SmartrestAnswer } from '../../ports/driving/smartrest-desk.ts';
import { isAboutChild, isSmartrest } from './device-topics.ts';
import type { EndingCode } from './endings.ts';
import type { PublishNeeds } from './on-publish.ts';
import type { OpenSession } from './open-session.ts';
import { tell } from './tell.ts';

/** Has a message on `s/us` worked on, which the sink has already (D-39). Undefined for a message that is no SmartREST of `s/us`. */
export async function workOnSmartrest({ topic, payload }: IPublishPacket, session: OpenSession, { smartrest, log }: PublishNeeds): Promise<SmartrestAnswer | undefined> {
  if (!isSmartrest(topic)) return undefined;
  const { tenant, device } = session.device;
  const answer = await smartrest.answer({
    device: { tenant, device },
    payload: Buffer.from(payload),
    isAboutChild: isAboutChild(topic),
    mayWork: () => session.requestAllowance.take(),
  });
  session.dropped.requests += answer.dropped;
  if (answer.failure !== undefined) log.error({ tenant, device, error: answer.failure }, 'A SmartREST request was not worked on: the store is out of order.');
  return answer;
}

/** Sends the replies, after the message was acknowledged. Those on a topic that the device does not listen on are not sent. */
export function sendReplies({ replies }: SmartrestAnswer, session: OpenSession): EndingCode | undefined {
  for (const { topic, payload } of replies) {
    const ending = tell(session, topic, payload);
    if (ending !== undefined) return ending;
  }
  return undefined;
}
