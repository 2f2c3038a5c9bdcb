import type { Metrics } from '../../ports/driven/metrics.ts';

/** By the upper half of their first byte (MQTT 5 §2.1.2). */
const TYPES = ['', 'connect', 'connack', 'publish', 'puback', 'pubrec', 'pubrel', 'pubcomp', 'subscribe', 'suback', 'unsubscribe', 'unsuback', 'pingreq', 'pingresp', 'disconnect', 'auth'];

/** Counts a packet by its first byte, on its way in or out, and hands it back. */
export interface PacketCount {
  in(packet: Buffer): Buffer;
  out(packet: Buffer): Buffer;
}

export function packetCount(metrics: Pick<Metrics, 'count'>): PacketCount {
  const counted = (direction: 'in' | 'out') => (packet: Buffer): Buffer => {
    metrics.count('fleetgate_mqtt_packets_total', { direction, type: TYPES[(packet[0] ?? 0) >> 4]! });
    return packet;
  };
  return { in: counted('in'), out: counted('out') };
}
