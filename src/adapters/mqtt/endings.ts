import type { SessionEnd } from '../../domain/sessions/device-session.ts';
import { PACKET_ENDINGS } from './packet-endings.ts';

/** Why a connection ends that was not refused by the gate: what is told to the peer, and whether its will counts. */
export type EndingText = EndingEffects & ({ readonly requires: string } | { /** Nobody did anything wrong. */ readonly happened: string });

interface EndingEffects {
  /** A statement of the MQTT standards (`[MQTT-…]`, of 3.1.1 or 5), a decision D-n or an abuse id. */
  readonly cites: string;
  /** Reason code of the DISCONNECT, and of the CONNACK while there is no session yet (MQTT 5 §2.4); closed without a word where absent. */
  readonly v5?: number;
  /** Reason code of the CONNACK where `v5` may stand in a DISCONNECT only. */
  readonly connackV5?: number;
  /** Return code of the CONNACK of MQTT 3.1 and 3.1.1; closed without a word where absent. */
  readonly connackV3?: number;
  /** The device lost its right to speak: its will is not handed on. */
  readonly dropsWill?: true;
}

const SESSION_ENDS = {
  'session.taken-over': {
    cites: 'D-15, [MQTT-3.1.4-3]',
    requires: 'a device has one connection; a newer one of the same device took over',
    v5: 0x8e,
    connackV5: 0x88,
    connackV3: 3,
  },
  'session.anchor-withdrawn': {
    cites: 'D-14',
    requires: 'the CA by which the device was admitted is still trusted',
    v5: 0x87,
    connackV3: 5,
    dropsWill: true,
  },
  'session.certificate-revoked': {
    cites: 'D-41, RFC 5280 §5',
    requires: 'no certificate by which the device was admitted is revoked or on hold',
    v5: 0x98,
    connackV5: 0x87,
    connackV3: 5,
    dropsWill: true,
  },
  'session.standing-outdated': {
    cites: 'D-54, RFC 5280 §6.3, RFC 6960 §4.2.2.1',
    requires: 'the revocation lists and answers of responders by which the device was admitted are not older than their rules allow',
    v5: 0x87,
    connackV5: 0x87,
    connackV3: 5,
    dropsWill: true,
  },
  'session.rules-not-met': {
    cites: 'D-55',
    requires: 'the certificates by which the device was admitted meet what its tenant asks of them now; connect again and be told',
    v5: 0x87,
    connackV3: 5,
    dropsWill: true,
  },
  'session.device-removed': {
    cites: 'D-14',
    requires: 'the device is still registered',
    v5: 0x87,
    connackV3: 5,
    dropsWill: true,
  },
  'session.device-blocked': {
    cites: 'D-29, MQTT 5 §3.14.2.1',
    requires: 'no operator keeps the device out',
    v5: 0x98,
    connackV5: 0x8a,
    connackV3: 5,
    dropsWill: true,
  },
  'session.tenant-suspended': {
    cites: 'D-14, T13',
    requires: 'the tenant is active',
    v5: 0x87,
    connackV3: 5,
    dropsWill: true,
  },
  'session.server-shutting-down': {
    cites: 'MQTT 5 §3.14.2.1',
    happened: 'the server is going down; connect again in a moment',
    v5: 0x8b,
    connackV5: 0x88,
    connackV3: 3,
  },
} as const satisfies Record<`session.${SessionEnd}`, EndingText>;

const CONNECTION_ENDS = {
  'connection.connect-timeout': {
    cites: 'MQTT 3.1.1 §3.1.4, M18',
    requires: 'a whole CONNECT packet arrives in time',
  },
  'connection.keep-alive': {
    cites: '[MQTT-3.1.2-24]',
    requires: 'a packet arrives within one and a half times the keep-alive',
    v5: 0x8d,
  },
  'connection.does-not-read': {
    cites: 'M19',
    requires: 'the client reads what it asked for',
  },
  'connection.does-not-acknowledge': {
    cites: 'M19, [MQTT-4.3.2-3]',
    requires: 'the client acknowledges messages of QoS 1 and 2',
    v5: 0x97,
  },
  'connection.out-of-order': {
    cites: 'D-13',
    requires: 'Fleetgate is in working order; connect again later',
    v5: 0x89,
    connackV5: 0x88,
    connackV3: 3,
  },
  'connection.no-room': {
    cites: 'D-69, MQTT 5 §3.4.2.1',
    requires: 'there is room for the message where messages of devices wait to be handed on; connect again later',
    v5: 0x97,
  },
  'connection.answer-too-large': {
    cites: 'MQTT 5 §3.1.2.11.4',
    requires: 'the Maximum Packet Size of the client leaves room for a CONNACK',
    v5: 0x95,
  },
  'connection.gone': { cites: 'MQTT 3.1.1 §3.1.2.5', happened: 'the connection broke, or the client closed it without DISCONNECT' },
  'connection.left': { cites: '[MQTT-3.14.4-3]', happened: 'the client took its leave', dropsWill: true },
  'connection.left-with-will': { cites: 'MQTT 5 §3.14.2.1', happened: 'the client took its leave and asked for its will' },
} as const satisfies Record<string, EndingText>;

const BY_AREA = { ...PACKET_ENDINGS, ...SESSION_ENDS, ...CONNECTION_ENDS };

/** The stable names under which endings are logged. */
export type EndingCode = keyof typeof BY_AREA;

/** The domain knows no MQTT, so violations of the protocol have this table instead of refusal codes. */
export const ENDINGS: Readonly<Record<EndingCode, EndingText>> = BY_AREA;

/** One line for a person: the code, what was expected or what happened, and by which rule. */
export function endingSentence(code: EndingCode): string {
  const ending = ENDINGS[code];
  return `${code}: ${'happened' in ending ? ending.happened : `required is that ${ending.requires}`} (${ending.cites}).`;
}
