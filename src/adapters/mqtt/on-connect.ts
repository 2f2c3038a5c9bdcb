import type { IConnectPacket } from 'mqtt-packet';
import type { DeviceSession } from '../../domain/sessions/device-session.ts';
import type { Log } from '../../ports/driven/log.ts';
import type { DeviceMessage } from '../../ports/driven/message-sink.ts';
import type { Metrics } from '../../ports/driven/metrics.ts';
import type { Journey } from '../../ports/driven/tracer.ts';
import { FAILED } from '../../ports/figures/outcomes.ts';
import type { ConnectQuestion, DeviceGate } from '../../ports/driving/device-gate.ts';
import { bareTerms, termsOf, type ClientTerms } from './client-terms.ts';
import type { ConnectionLimits } from './connection-limits.ts';
import { topicKind } from './device-topics.ts';
import type { EndingCode } from './endings.ts';
import { readProtocol, type ProtocolVersion } from './packets/protocol-version.ts';
import { readPacket } from './packets/read-packet.ts';
import type { Peer } from '../tls/peer.ts';

/** A CONNECT that is in order, or the reason why not; the terms say in which form to answer. */
export type ReadConnect = { readonly terms: ClientTerms } & ({ readonly connect: IConnectPacket } | { readonly ending: EndingCode });

export function readConnectFrame(frame: Buffer, limits: ConnectionLimits): ReadConnect {
  const spoken = readProtocol(frame);
  const terms = bareTerms(spoken.answerIn);
  if ('ending' in spoken) return { terms, ending: spoken.ending };
  const read = readPacket(frame, spoken.version);
  if ('ending' in read) return { terms, ending: read.ending };
  const connect = read.packet as IConnectPacket;
  const agreed = termsOf(connect, spoken.version, limits);
  const ending = connectEnding(connect);
  return ending === undefined ? { terms: agreed, connect } : { terms: agreed, ending };
}

/** What is wrong with a well-formed CONNECT before anybody asks whose it is. */
function connectEnding(connect: IConnectPacket): EndingCode | undefined {
  if (connect.properties?.authenticationMethod !== undefined) return 'connect.authentication-method';
  return connect.will !== undefined && topicKind(connect.will.topic) === 'downstream' ? 'connect.will-topic' : undefined;
}

/** The packet as the gate's question. The password is not part of it: the certificate decides (D-5, M24). */
export function questionOf(connect: IConnectPacket, version: ProtocolVersion, peer: Peer, end: ConnectQuestion['end']): ConnectQuestion {
  return {
    chain: peer.chain,
    ...(peer.wholeChain && { wholeChain: peer.wholeChain }),
    handshakeBytes: peer.handshakeBytes,
    clientId: connect.clientId,
    acceptsAssignedId: acceptsAssignedId(connect, version),
    ...(connect.username !== undefined && { userName: connect.username }),
    ...(peer.serverName !== undefined && { serverName: peer.serverName }),
    from: peer.from,
    ...(peer.connection !== undefined && { connection: peer.connection }),
    end,
  };
}

export type Verdict = Awaited<ReturnType<DeviceGate['connect']>>;

/** From the handshake, if there was one, to CONNACK. */
export function connectJourney({ begun, since, connection }: Peer): Journey {
  const hadHandshake = begun !== undefined && since !== undefined;
  return { name: 'connect', since: begun, ...(hadHandshake && { before: [{ name: 'tls.handshake', from: begun, to: since }] }), facts: { connection } };
}

/** The gate's verdict; undefined when the gate is out of order, which is then in the log. */
export async function askGate(
  question: ConnectQuestion,
  { gate, log, metrics, peer }: { readonly gate: DeviceGate; readonly log: Log; readonly metrics: Pick<Metrics, 'count' | 'took'>; readonly peer: Pick<Peer, 'since'> },
): Promise<Verdict | undefined> {
  try {
    const verdict = await gate.connect(question);
    // CONNACK follows in this turn of the event loop.
    if (peer.since !== undefined) metrics.took('fleetgate_connack_seconds', { outcome: verdict.granted ? 'admitted' : 'refused' }, (performance.now() - peer.since) / 1000);
    return verdict;
  } catch (error) {
    metrics.count('fleetgate_connects_total', { tenant: '', outcome: FAILED });
    log.error({ from: question.from, ...(question.connection !== undefined && { connection: question.connection }), error: String(error) }, 'A device could not be judged and is told to come again: the gate is out of order.');
    return undefined;
  }
}

/** The will as the message it may become; undefined where its topic is not one that is listened to. */
export function willOf({ will }: IConnectPacket, { tenant, device }: DeviceSession): DeviceMessage | undefined {
  if (will === undefined || topicKind(will.topic) !== 'upstream') return undefined;
  return { tenant, device, topic: will.topic, payload: Buffer.from(will.payload), isWill: true };
}

/** MQTT 3.1 knows no empty id, MQTT 3.1.1 only with a clean session [MQTT-3.1.3-7]. */
function acceptsAssignedId({ clean }: IConnectPacket, version: ProtocolVersion): boolean {
  return version === 5 || (version === 4 && clean === true);
}
