import type { IDisconnectPacket } from 'mqtt-packet';
import type { EndingCode } from './endings.ts';
import type { OpenSession } from './open-session.ts';

/** Only a normal disconnection forgets the will ([MQTT-3.1.2-10], MQTT 5 §3.1.2.5). */
export function onDisconnect({ reasonCode = 0, properties }: IDisconnectPacket, { terms }: OpenSession): EndingCode {
  const wantsExpiry = (properties?.sessionExpiryInterval ?? 0) > 0;
  if (wantsExpiry && terms.sessionExpirySeconds === 0) return 'properties.session-expiry';
  return reasonCode === 0 ? 'connection.left' : 'connection.left-with-will';
}
