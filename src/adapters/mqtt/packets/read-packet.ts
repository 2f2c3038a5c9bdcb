import { parser, type Packet } from 'mqtt-packet';
import type { PacketEndingCode } from '../packet-endings.ts';
import { typeOf } from './first-byte.ts';
import { packetEnding } from './packet-grammar.ts';
import type { ProtocolVersion } from './protocol-version.ts';

export type ReadPacket = { readonly packet: Packet } | { readonly ending: PacketEndingCode };

/** Makes one whole frame into a packet, or says why not. Its first byte and length were checked by the splitter. */
export function readPacket(frame: Buffer, version: ProtocolVersion): ReadPacket {
  const type = typeOf(frame[0]!);
  const ending = type === undefined ? 'packet.type' : packetEnding(frame, type, version);
  return ending === undefined ? decode(frame, version) : { ending };
}

/** What the grammar let through mqtt-packet can read, save for reason codes that do not exist. It reports by event and keeps going. */
function decode(frame: Buffer, version: ProtocolVersion): ReadPacket {
  let packet: Packet | undefined;
  let failed = false;
  const reading = parser({ protocolVersion: version })
    .on('packet', (read) => (packet ??= read))
    .on('error', () => (failed = true));
  reading.parse(frame);
  return failed || packet === undefined ? { ending: 'packet.unreadable' } : { packet };
}
