import { generate, type Packet } from 'mqtt-packet';
import type { ProtocolVersion } from './protocol-version.ts';

/** The bytes of one packet. What stands in it is our own, so that a failure is a defect: it throws. */
export const writePacket = (packet: Packet, version: ProtocolVersion): Buffer => generate(packet, { protocolVersion: version });
