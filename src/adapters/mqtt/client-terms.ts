import type { IConnectPacket } from 'mqtt-packet';
import type { ConnectionLimits } from './connection-limits.ts';
import type { ProtocolVersion } from './packets/protocol-version.ts';

/** What a client and this server agree on in CONNECT and CONNACK. */
export interface ClientTerms {
  readonly version: ProtocolVersion;
  /** Messages of QoS 1 and 2 the client takes before it has acknowledged. */
  readonly receiveMaximum: number;
  /** Larger packets must not be sent to the client. */
  readonly maximumPacketBytes: number;
  /** Whether Reason Strings may stand in other packets than CONNACK and DISCONNECT (MQTT 5 §3.1.2.11.7). */
  readonly wantsReasons: boolean;
  /** As asked; 0 is what it gets (D-15). */
  readonly sessionExpirySeconds: number;
  readonly askedKeepAliveSeconds: number;
  /** What is enforced: the client's wish, at most ours (D-16). */
  readonly keepAliveSeconds: number;
}

/** The terms before CONNECT could be read: those of a client that wished for nothing. */
export const bareTerms = (version: ProtocolVersion): ClientTerms => ({
  version,
  receiveMaximum: 65_535,
  maximumPacketBytes: Infinity,
  wantsReasons: version === 5,
  sessionExpirySeconds: 0,
  askedKeepAliveSeconds: 0,
  keepAliveSeconds: 0,
});

export function termsOf(connect: IConnectPacket, version: ProtocolVersion, limits: ConnectionLimits): ClientTerms {
  const bare = bareTerms(version);
  const wishes = connect.properties;
  const asked = connect.keepalive ?? 0;
  const longest = limits.maximumKeepAliveSeconds;
  return {
    version,
    receiveMaximum: wishes?.receiveMaximum ?? bare.receiveMaximum,
    maximumPacketBytes: wishes?.maximumPacketSize ?? bare.maximumPacketBytes,
    wantsReasons: version === 5 && wishes?.requestProblemInformation !== false,
    sessionExpirySeconds: wishes?.sessionExpiryInterval ?? 0,
    askedKeepAliveSeconds: asked,
    keepAliveSeconds: asked === 0 ? longest : Math.min(asked, longest),
  };
}
