import type { ISubscribePacket, ISubscription } from 'mqtt-packet';
import { judgeFilter, type FilterVerdict } from './device-topics.ts';
import type { OpenSession } from './open-session.ts';

type Refused = Exclude<FilterVerdict, 'granted'> | 'too-many';

/** Reason codes of SUBACK in MQTT 5 (§3.9.3) and their sentences. MQTT 3.1.1 has 0x80 for all. */
const REFUSED: Readonly<Record<Refused, { readonly v5: number; readonly sentence: string }>> = {
  shared: { v5: 0x9e, sentence: 'Not granted: shared subscriptions do not exist here.' },
  'not-allowed': { v5: 0x87, sentence: 'Not granted: a device reads its own downstream topics only, each by its exact name (D-16).' },
  'no-such-topic': { v5: 0x8f, sentence: 'Not granted: no such topic. Subscribe s/dat for tokens, s/ds, s/e, s/dc/<x>, or devicecontrol/notifications.' },
  'too-many': { v5: 0x97, sentence: 'Not granted: too many subscriptions on this connection.' },
};

export function onSubscribe({ messageId, subscriptions }: ISubscribePacket, session: OpenSession): undefined {
  const verdicts = subscriptions.map((wish) => subscribe(wish, session));
  const granted = verdicts.map((verdict) => (typeof verdict === 'number' ? verdict : codeOf(verdict, session)));
  const refused = verdicts.find((verdict) => typeof verdict === 'string');
  const packet = { cmd: 'suback', messageId: messageId!, granted } as const;
  if (refused === undefined) session.send(packet);
  else session.sendExplained(packet, REFUSED[refused].sentence);
}

/** The granted QoS, or why there is none. A second subscription to a filter replaces the first [MQTT-3.8.4-3]. */
function subscribe({ topic, qos }: ISubscription, { subscriptions, limits }: OpenSession): number | Refused {
  const verdict = judgeFilter(topic);
  if (verdict !== 'granted') return verdict;
  if (!subscriptions.has(topic) && subscriptions.size >= limits.subscriptions) return 'too-many';
  subscriptions.set(topic, qos);
  return qos;
}

const codeOf = (refused: Refused, { terms }: OpenSession): number => (terms.version === 5 ? REFUSED[refused].v5 : 0x80);
