import type { IConnackPacket } from 'mqtt-packet';
import { toldText, type ToldRefusal } from '../../domain/explanations/refusal-detail.ts';
import type { Admission } from '../../ports/driving/device-gate.ts';
import type { ClientTerms } from './client-terms.ts';
import { connackCodeOf } from './connack-codes.ts';
import type { ConnectionLimits } from './connection-limits.ts';
import { ENDINGS, endingSentence, type EndingCode } from './endings.ts';
import { writePacket } from './packets/write-packet.ts';
import { explained } from './reason-string.ts';

/** CONNACK 0. MQTT 5 clients are told every limit (§3.2.2.3). Undefined where it is larger than the client takes. */
export function acceptance(admission: Admission, terms: ClientTerms, limits: ConnectionLimits): Buffer | undefined {
  const bytes = writePacket({ ...connack(0, 0), ...(terms.version === 5 && { properties: announced(admission, terms, limits) }) }, terms.version);
  return bytes.length > terms.maximumPacketBytes ? undefined : bytes;
}

/** What the gate said no to, as numbers and, in MQTT 5, in as many words as the tenant wishes. */
export function refusalConnack(refusal: ToldRefusal, terms: ClientTerms): Buffer | undefined {
  const { v3, v5 } = connackCodeOf(refusal.code);
  return explained(connack(v3, v5), toldText(refusal), terms);
}

/** The answer to a CONNECT that the gate did not get to refuse; undefined where the standard wants it closed without one. */
export function endingConnack(code: EndingCode, terms: ClientTerms): Buffer | undefined {
  const { connackV3, v5, connackV5 = v5 } = ENDINGS[code];
  if (terms.version === 5 ? connackV5 === undefined : connackV3 === undefined) return undefined;
  return explained(connack(connackV3 ?? 5, connackV5 ?? 0x80), endingSentence(code), terms);
}

/** No state outlives a connection, so that a session is never present (D-15). */
const connack = (returnCode: number, reasonCode: number): IConnackPacket => ({ cmd: 'connack', returnCode, reasonCode, sessionPresent: false });

/**
 * Maximum QoS is left out, which means 2, and so is Wildcard Subscription Available, which means yes: `s/dc/#` is granted, and
 * a client that heard "no" must not ask for it.
 */
function announced({ assignedClientId }: Admission, terms: ClientTerms, limits: ConnectionLimits): NonNullable<IConnackPacket['properties']> {
  return {
    ...(terms.sessionExpirySeconds > 0 && { sessionExpiryInterval: 0 }),
    receiveMaximum: limits.receiveMaximum,
    retainAvailable: false,
    maximumPacketSize: limits.maximumPacketBytes,
    ...(assignedClientId !== undefined && { assignedClientIdentifier: assignedClientId }),
    topicAliasMaximum: 0,
    subscriptionIdentifiersAvailable: false,
    sharedSubscriptionAvailable: false,
    ...(terms.keepAliveSeconds !== terms.askedKeepAliveSeconds && { serverKeepAlive: terms.keepAliveSeconds }),
  };
}
