import type { PacketEndingCode } from '../packet-endings.ts';
import { readConnect } from './connect-grammar.ts';
import { bodyStart, FieldReader } from './field-reader.ts';
import type { ClientPacketType } from './first-byte.ts';
import { readProperties } from './property-rules.ts';
import type { ProtocolVersion } from './protocol-version.ts';
import { isTopicFilter, isTopicName } from './topic-syntax.ts';

/** What the standard forbids in this whole packet, field by field; undefined when it is in order. */
export function packetEnding(frame: Buffer, type: ClientPacketType, version: ProtocolVersion): PacketEndingCode | undefined {
  const reader = new FieldReader(frame, bodyStart(frame));
  readFields(reader, type, version, frame[0]!);
  reader.refuseIf(reader.left > 0, 'packet.bytes-left-over');
  return reader.ending;
}

function readFields(reader: FieldReader, type: ClientPacketType, version: ProtocolVersion, first: number): void {
  switch (type) {
    case 'connect':
      return readConnect(reader, version);
    case 'publish':
      return readPublish(reader, version, (first >> 1) & 3);
    case 'puback':
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp':
      reader.packetId();
      return readReason(reader, type, version);
    case 'subscribe':
    case 'unsubscribe':
      return readFilters(reader, type, version);
    case 'disconnect':
      return readReason(reader, type, version);
    case 'pingreq':
      return undefined;
  }
}

function readPublish(reader: FieldReader, version: ProtocolVersion, qos: number): void {
  const topic = reader.string();
  if (qos > 0) reader.packetId();
  if (version === 5) readProperties(reader, 'publish');
  // Asked last: where an alias is used in place of a topic, the alias is what is wrong.
  reader.refuseIf(!isTopicName(topic), 'topic.name');
  reader.rest();
}

/** MQTT 5: reason code and properties may both be left out, or the properties alone (§3.4.2.1, §3.14.2.1). */
function readReason(reader: FieldReader, type: ClientPacketType, version: ProtocolVersion): void {
  if (version !== 5) return;
  if (reader.left > 0) reader.byte();
  if (reader.left > 0) readProperties(reader, type);
}

function readFilters(reader: FieldReader, type: 'subscribe' | 'unsubscribe', version: ProtocolVersion): void {
  reader.packetId();
  if (version === 5) readProperties(reader, type);
  reader.refuseIf(reader.left === 0, 'packet.empty-list');
  while (reader.left > 0) {
    reader.refuseIf(!isTopicFilter(reader.string()), 'topic.filter');
    if (type === 'subscribe') reader.refuseIf(!areOptions(reader.byte(), version), 'packet.subscribe-options');
  }
}

function areOptions(options: number, version: ProtocolVersion): boolean {
  const qos = options & 3;
  const retainHandling = (options >> 4) & 3;
  const reserved = version === 5 ? 0xc0 : 0xfc;
  return qos !== 3 && retainHandling !== 3 && (options & reserved) === 0;
}
