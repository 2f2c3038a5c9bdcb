import type { EndingCode } from './endings.ts';
import type { OpenSession } from './open-session.ts';

/** Sends a message of ours in the granted QoS to a device that listens on `topic`; to others nothing. */
export function tell({ subscriptions, deliveries }: OpenSession, topic: string, payload: string): EndingCode | undefined {
  const qos = subscriptions.get(topic);
  return qos === undefined ? undefined : deliveries.deliver({ topic, payload, qos });
}
