import type { ClientPacketType } from './first-byte.ts';
import type { FieldReader } from './field-reader.ts';
import { isTopicName } from './topic-syntax.ts';

/** Where properties stand: in a packet, or in the will inside CONNECT. */
export type PropertyPlace = ClientPacketType | 'will';

interface PropertyRule {
  readonly places: readonly PropertyPlace[];
  /** Reads the value and notes what is wrong with it. */
  readonly read: (reader: FieldReader) => void;
}

const MESSAGE: readonly PropertyPlace[] = ['publish', 'will'];
const REASONED: readonly PropertyPlace[] = ['puback', 'pubrec', 'pubrel', 'pubcomp', 'disconnect'];
const EVERYWHERE: readonly PropertyPlace[] = [...MESSAGE, ...REASONED, 'connect', 'subscribe', 'unsubscribe'];

const bit = (reader: FieldReader): void => reader.refuseIf(reader.byte() > 1, 'properties.value');
const string = (reader: FieldReader): void => void reader.string();
const binary = (reader: FieldReader): void => void reader.binary();
const uint32 = (reader: FieldReader): void => void reader.uint32();

/** The properties that a client may send (MQTT 5 §2.2.2.2, table 2-4), by identifier. AUTH packets are refused as such. */
const PROPERTY_RULES: Readonly<Record<number, PropertyRule>> = {
  0x01: { places: MESSAGE, read: bit }, // Payload Format Indicator
  0x02: { places: MESSAGE, read: uint32 }, // Message Expiry Interval
  0x03: { places: MESSAGE, read: string }, // Content Type
  0x08: { places: MESSAGE, read: (reader) => reader.refuseIf(!isTopicName(reader.string()), 'topic.name') }, // Response Topic
  0x09: { places: MESSAGE, read: binary }, // Correlation Data
  0x0b: { places: ['subscribe'], read: (reader) => reader.refuseIf(reader.variableInteger() >= 0, 'properties.subscription-identifier') },
  0x11: { places: ['connect', 'disconnect'], read: uint32 }, // Session Expiry Interval
  0x15: { places: ['connect'], read: string }, // Authentication Method
  0x16: { places: ['connect'], read: binary }, // Authentication Data
  0x17: { places: ['connect'], read: bit }, // Request Problem Information
  0x18: { places: ['will'], read: uint32 }, // Will Delay Interval
  0x19: { places: ['connect'], read: bit }, // Request Response Information
  0x1f: { places: REASONED, read: string }, // Reason String
  0x21: { places: ['connect'], read: (reader) => reader.refuseIf(reader.uint16() === 0, 'properties.value') }, // Receive Maximum
  0x22: { places: ['connect'], read: (reader) => void reader.uint16() }, // Topic Alias Maximum
  0x23: { places: ['publish'], read: (reader) => reader.refuseIf(reader.uint16() >= 0, 'properties.topic-alias') },
  0x26: { places: EVERYWHERE, read: (reader) => void [reader.string(), reader.string()] }, // User Property
  0x27: { places: ['connect'], read: (reader) => reader.refuseIf(reader.uint32() === 0, 'properties.value') }, // Maximum Packet Size
};

const USER_PROPERTY = 0x26;
const AUTHENTICATION_METHOD = 0x15;
const AUTHENTICATION_DATA = 0x16;

/** Reads the length and the properties at `place`. mqtt-packet turns repeated ones into arrays; here they are refused. */
export function readProperties(reader: FieldReader, place: PropertyPlace): void {
  const seen = new Set<number>();
  reader.within(reader.variableInteger(), () => {
    const id = reader.byte(); // A variable byte integer too, but every known one has one byte.
    const rule = PROPERTY_RULES[id];
    reader.refuseIf(!rule?.places.includes(place), 'properties.unknown');
    reader.refuseIf(seen.has(id) && id !== USER_PROPERTY, 'properties.duplicate');
    seen.add(id);
    rule?.read(reader);
  });
  reader.refuseIf(seen.has(AUTHENTICATION_DATA) && !seen.has(AUTHENTICATION_METHOD), 'properties.value');
}
