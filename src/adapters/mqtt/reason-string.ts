import type { Packet } from 'mqtt-packet';
import type { ClientTerms } from './client-terms.ts';
import { writePacket } from './packets/write-packet.ts';

/** Longer explanations are cut, so that no answer is much larger than its question. */
const LONGEST = 1024;
/** Identifier and length of the string, and what the remaining length and the property length may grow by. */
const OVERHEAD = 3 + 1 + 2;

const UNFIT = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/gu;

/** A packet that can carry a Reason String. */
type Explainable = Extract<Packet, { properties?: { reasonString?: string } }>;

/**
 * The bytes of `packet` with `reason` as its Reason String, cut to the Maximum Packet Size of the client and left out where there is
 * no room or MQTT 5 is not spoken (§3.2.2.3.9). Undefined where not even the bare packet fits.
 */
export function explained(packet: Explainable, reason: string, terms: ClientTerms): Buffer | undefined {
  const bare = writePacket(packet, terms.version);
  if (bare.length > terms.maximumPacketBytes) return undefined;
  if (terms.version !== 5) return bare;
  const reasonString = cut(reason, Math.min(LONGEST, terms.maximumPacketBytes - bare.length - OVERHEAD));
  if (reasonString === '') return bare;
  return writePacket({ ...packet, properties: { ...packet.properties, reasonString } } as Packet, terms.version);
}

/** The first `bytes` bytes of the text, in whole characters that MQTT allows. */
function cut(text: string, bytes: number): string {
  if (bytes <= 0) return '';
  const { read } = new TextEncoder().encodeInto(text.replace(UNFIT, '?'), new Uint8Array(bytes));
  return text.replace(UNFIT, '?').slice(0, read);
}
