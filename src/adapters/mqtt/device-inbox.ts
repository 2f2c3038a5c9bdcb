import type { QoS } from 'mqtt-packet';
import type { Delivery, DeviceInboxes, MessageToDevice } from '../../ports/driven/device-inboxes.ts';
import type { DeviceGate } from '../../ports/driving/device-gate.ts';
import { filtersOf, isForOthers } from './device-topics.ts';
import type { OpenSession } from './open-session.ts';
import { isTopicName } from './packets/topic-syntax.ts';

interface InboxNeeds {
  readonly inboxes: DeviceInboxes;
  readonly gate: DeviceGate;
}

/** Of what may lie unacknowledged or unsent, this much is kept free for the gate's own answers: others must not make them close the connection. */
const KEPT_FOR_ANSWERS = 8;
/** Bytes of a PUBLISH beside topic and payload, at most. */
const LARGEST_HEADER = 16;

/** Lets others send to the device of an open session. What is returned takes the session's leave, there and at the gate. */
export function openInbox(session: OpenSession, { inboxes, gate }: InboxNeeds): () => void {
  const close = inboxes.open(session.device, (message) => deliver(message, session));
  return () => {
    close();
    session.deliveries.abandon();
    gate.disconnect(session.device);
  };
}

async function deliver({ topic, payload }: MessageToDevice, session: OpenSession): Promise<Delivery> {
  const { deliveries, limits, terms } = session;
  if (!isTopicName(topic) || !isForOthers(topic)) return 'no-such-topic';
  const qos = grantedQos(topic, session);
  if (qos === undefined) return 'not-subscribed';
  const bytes = Buffer.byteLength(topic) + payload.length + LARGEST_HEADER;
  if (bytes > Math.min(limits.maximumPacketBytes, terms.maximumPacketBytes)) return 'too-large';
  if (qos > 0 && deliveries.unacknowledged >= limits.unacknowledged - KEPT_FOR_ANSWERS) return 'busy';
  if (session.unsentBytes() > limits.unsentBytes / 2) return 'busy';
  const settled = Promise.withResolvers<Delivery>();
  const whenSettled = (isAcknowledged: boolean): void => settled.resolve(isAcknowledged ? 'acknowledged' : 'not-acknowledged');
  if (deliveries.deliver({ topic, payload: Buffer.from(payload), qos, whenSettled }) !== undefined) return 'busy';
  return qos === 0 ? 'sent' : settled.promise;
}

/** Of filters that overlap, the message comes once, in the highest QoS [MQTT-3.3.5-1]. */
function grantedQos(topic: string, { subscriptions }: OpenSession): QoS | undefined {
  const granted = filtersOf(topic).flatMap((filter) => subscriptions.get(filter) ?? []);
  return granted.length === 0 ? undefined : (Math.max(...granted) as QoS);
}
