import type { FieldReader } from './field-reader.ts';
import { readProperties } from './property-rules.ts';
import type { ProtocolVersion } from './protocol-version.ts';
import { isFitForNames, isTopicName } from './topic-syntax.ts';

const FLAG = { reserved: 0x01, will: 0x04, willQos: 0x18, willRetain: 0x20, password: 0x40, userName: 0x80 } as const;

/** Characters of a client id in MQTT 3.1. */
const LONGEST_OLD_CLIENT_ID = 23;

/** Reads CONNECT from its protocol name on (MQTT 3.1.1 §3.1, MQTT 5 §3.1). Name and level were judged before. */
export function readConnect(reader: FieldReader, version: ProtocolVersion): void {
  reader.string();
  reader.byte();
  const flags = reader.byte();
  readFlags(reader, flags, version);
  reader.uint16(); // Keep Alive
  if (version === 5) readProperties(reader, 'connect');
  readClientId(reader, version);
  if (flags & FLAG.will) readWill(reader, version);
  if (flags & FLAG.userName) reader.string();
  if (flags & FLAG.password) reader.binary();
}

function readFlags(reader: FieldReader, flags: number, version: ProtocolVersion): void {
  reader.refuseIf((flags & FLAG.reserved) !== 0, 'connect.flags');
  reader.refuseIf((flags & FLAG.will) === 0 && (flags & (FLAG.willQos | FLAG.willRetain)) !== 0, 'connect.flags');
  reader.refuseIf((flags & FLAG.willQos) === FLAG.willQos, 'connect.flags');
  reader.refuseIf(version !== 5 && (flags & FLAG.password) !== 0 && (flags & FLAG.userName) === 0, 'connect.password-alone');
}

function readClientId(reader: FieldReader, version: ProtocolVersion): void {
  const id = reader.string();
  reader.refuseIf(!isFitForNames(id), 'connect.client-id-characters');
  reader.refuseIf(version === 3 && [...id].length > LONGEST_OLD_CLIENT_ID, 'connect.client-id-length');
}

function readWill(reader: FieldReader, version: ProtocolVersion): void {
  if (version === 5) readProperties(reader, 'will');
  reader.refuseIf(!isTopicName(reader.string()), 'topic.name');
  reader.binary(); // the payload
}
