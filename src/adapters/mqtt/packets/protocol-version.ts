import type { PacketEndingCode } from '../packet-endings.ts';
import { bodyStart, FieldReader } from './field-reader.ts';

/** Levels of the protocol: MQTT 3.1, 3.1.1 and 5. */
export type ProtocolVersion = 3 | 4 | 5;

/** What a CONNECT says it speaks, and in which form its answer has to be. */
export type SpokenProtocol =
  | { readonly version: ProtocolVersion; readonly answerIn: ProtocolVersion }
  /** `answerIn` is then the form of CONNACK that the peer will most likely understand. */
  | { readonly ending: PacketEndingCode; readonly answerIn: ProtocolVersion };

const SPOKEN: Readonly<Record<string, ProtocolVersion>> = { 'MQIsdp 3': 3, 'MQTT 4': 4, 'MQTT 5': 5 };

/**
 * Reads name and level, which decide how the rest of CONNECT is laid out. The bridge bit 0x80 (which mosquitto bridges try first)
 * is refused with CONNACK 1: they connect again without it.
 */
export function readProtocol(frame: Buffer): SpokenProtocol {
  const reader = new FieldReader(frame, bodyStart(frame));
  const name = reader.string();
  const level = reader.byte();
  if (reader.ending !== undefined) return { ending: reader.ending, answerIn: 4 };
  const version = SPOKEN[`${name} ${level}`];
  const answerIn = (level & 0x7f) >= 5 ? 5 : 4;
  return version === undefined ? { ending: 'connect.version', answerIn } : { version, answerIn };
}
