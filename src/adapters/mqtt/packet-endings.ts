import type { EndingText } from './endings.ts';

/** What the standards forbid in packets. mqtt-packet lets most of it pass, so `packets/` looks for it in the bytes. */
export const PACKET_ENDINGS = {
  'packet.connect-not-first': {
    cites: '[MQTT-3.1.0-1]',
    requires: 'the first packet is CONNECT; this port speaks MQTT, over TLS where it says so',
    v5: 0x82,
  },
  'packet.connect-twice': { cites: '[MQTT-3.1.0-2]', requires: 'CONNECT is sent once', v5: 0x82 },
  'packet.type': {
    cites: '[MQTT-2.2.2-2], MQTT 5 §4.12',
    requires: 'the packet type is one that a client may send; AUTH only if CONNECT named a method',
    v5: 0x82,
  },
  'packet.flags': {
    cites: '[MQTT-2.2.2-2], [MQTT-3.3.1-4], [MQTT-3.3.1-2]',
    requires: 'the flags of the first byte are those of the packet type: QoS 3 and DUP with QoS 0 do not exist',
    v5: 0x81,
  },
  'packet.remaining-length': {
    cites: 'MQTT 3.1.1 §2.2.3, [MQTT-1.5.5-1]',
    requires: 'the remaining length has at most four bytes and is as short as can be',
    v5: 0x81,
  },
  'packet.too-large': {
    cites: 'D-16, MQTT 5 §3.2.2.3.6',
    requires: 'a packet has at most 16184 bytes, its header included',
    v5: 0x95,
  },
  'packet.truncated': { cites: '[MQTT-1.5.4-1], MQTT 5 §4.13', requires: 'every field ends inside its packet', v5: 0x81 },
  'packet.bytes-left-over': { cites: 'MQTT 5 §4.13', requires: 'nothing follows the last field of a packet', v5: 0x81 },
  'packet.not-utf-8': {
    cites: '[MQTT-1.5.3-1], [MQTT-1.5.3-2]',
    requires: 'strings are well-formed UTF-8 without U+0000',
    v5: 0x81,
  },
  'packet.identifier-zero': { cites: '[MQTT-2.3.1-1]', requires: 'a packet id is not 0', v5: 0x82 },
  'packet.empty-list': { cites: '[MQTT-3.8.3-3], [MQTT-3.10.3-2]', requires: 'at least one topic filter is named', v5: 0x82 },
  'packet.subscribe-options': {
    cites: '[MQTT-3-8.3-4], [MQTT-3.8.3-5]',
    requires: 'the QoS is 0, 1 or 2, retain handling 0, 1 or 2, and reserved bits are 0',
    v5: 0x81,
  },
  'packet.unreadable': { cites: 'MQTT 5 §4.13', requires: 'the packet has the form of its type, and a reason code that exists', v5: 0x81 },
  'connect.version': {
    cites: '[MQTT-3.1.2-2], M05',
    requires: 'the protocol is MQIsdp 3, MQTT 4 or MQTT 5, without the bridge bit',
    v5: 0x84,
    connackV3: 1,
  },
  'connect.flags': {
    cites: '[MQTT-3.1.2-3], [MQTT-3.1.2-11], [MQTT-3.1.2-13], [MQTT-3.1.2-14], [MQTT-3.1.2-15]',
    requires: 'the reserved flag is 0, will QoS and will retain come with a will only, and the will QoS is not 3',
    v5: 0x81,
  },
  'connect.password-alone': { cites: '[MQTT-3.1.2-22]', requires: 'a password comes with a user name', v5: 0x81 },
  'connect.client-id-characters': {
    cites: '[MQTT-1.5.3-1], D-8',
    requires: 'the client id holds no control characters, non-characters or U+FFFD',
    v5: 0x85,
    connackV3: 2,
  },
  'connect.client-id-length': {
    cites: 'wire-contract §2.7, MQTT 3.1 §3.1',
    requires: 'a client id has at most 23 characters in MQTT 3.1; MQTT 3.1.1 takes longer ones',
    v5: 0x85,
    connackV3: 5,
  },
  'connect.authentication-method': {
    cites: 'MQTT 5 §4.12',
    requires: 'the client proves itself by its certificate alone; no authentication method is known',
    v5: 0x8c,
  },
  'connect.will-topic': {
    cites: 'D-16, T07',
    requires: 'the will goes to an upstream topic, not to one by which the server answers',
    v5: 0x87,
    connackV3: 5,
  },
  'properties.unknown': { cites: 'MQTT 5 §2.2.2.2', requires: 'a property is known and may stand in this packet', v5: 0x82 },
  'properties.duplicate': { cites: 'MQTT 5 §2.2.2.2', requires: 'a property other than a user property stands once', v5: 0x82 },
  'properties.value': { cites: 'MQTT 5 §2.2.2', requires: 'the value of a property is one that the standard allows', v5: 0x82 },
  'properties.topic-alias': {
    cites: '[MQTT-3.3.2-9]',
    requires: 'no topic alias is used, for the server announced a Topic Alias Maximum of 0',
    v5: 0x94,
  },
  'properties.subscription-identifier': {
    cites: 'MQTT 5 §3.2.2.3.12',
    requires: 'no subscription identifier is used, for the server announced that it has none',
    v5: 0xa1,
  },
  'properties.session-expiry': {
    cites: 'MQTT 5 §3.14.2.2.2',
    requires: 'a DISCONNECT sets no session expiry where CONNECT set none',
    v5: 0x82,
  },
  'topic.name': {
    cites: '[MQTT-3.3.2-2], [MQTT-4.7.3-1]',
    requires: 'a topic has at least one character, no wildcard, no control characters, non-characters or U+FFFD',
    v5: 0x90,
  },
  'topic.filter': {
    cites: '[MQTT-4.7.1-2], [MQTT-4.7.1-3], [MQTT-4.7.3-1]',
    requires: 'a topic filter has at least one character; + fills a level, # is the last level',
    v5: 0x8f,
  },
  'topic.downstream': {
    cites: 'D-16, T07',
    requires: 'a device publishes on upstream topics only, not on those by which the server answers',
    v5: 0x87,
  },
  'publish.too-many-open': {
    cites: '[MQTT-3.3.4-9]',
    requires: 'no more messages of QoS 2 are open than the Receive Maximum',
    v5: 0x93,
  },
} as const satisfies Record<string, EndingText>;

export type PacketEndingCode = keyof typeof PACKET_ENDINGS;
