import type { PacketEndingCode } from '../packet-endings.ts';

/** Packet types by the upper half of the first byte (MQTT 5 §2.1.2). */
export const TYPE = {
  connect: 1,
  publish: 3,
  puback: 4,
  pubrec: 5,
  pubrel: 6,
  pubcomp: 7,
  subscribe: 8,
  unsubscribe: 10,
  pingreq: 12,
  disconnect: 14,
} as const;

export type ClientPacketType = keyof typeof TYPE;

const NAMES = new Map<number, ClientPacketType>(
  (Object.entries(TYPE) as [ClientPacketType, number][]).map(([name, number]) => [number, name]),
);

/** The type of a packet whose first byte is in order. */
export const typeOf = (first: number): ClientPacketType | undefined => NAMES.get(first >> 4);

/** What is wrong with a packet of which only the first byte has arrived: judged before anything of it is kept. */
export function firstByteEnding(first: number, isFirstPacket: boolean): PacketEndingCode | undefined {
  const type = typeOf(first);
  const flags = first & 0x0f;
  if (isFirstPacket && type !== 'connect') return 'packet.connect-not-first';
  if (type === undefined) return 'packet.type';
  if (!isFirstPacket && type === 'connect') return 'packet.connect-twice';
  return areFlagsOf(type, flags) ? undefined : 'packet.flags';
}

function areFlagsOf(type: ClientPacketType, flags: number): boolean {
  switch (type) {
    case 'publish': {
      const qos = (flags >> 1) & 3;
      const isDuplicate = (flags & 8) !== 0;
      return qos !== 3 && !(isDuplicate && qos === 0);
    }
    case 'pubrel':
    case 'subscribe':
    case 'unsubscribe':
      return flags === 2;
    default:
      return flags === 0;
  }
}
