import type { RefusalCode } from '../../domain/refusal.ts';

/** How a refusal of the gate looks in CONNACK (D-2, D-8). */
export interface ConnackCode {
  /** Return code of MQTT 3.1 and 3.1.1 (§3.2.2.3). */
  readonly v3: 1 | 2 | 3 | 4 | 5;
  /** Reason code of MQTT 5 (§3.2.2.2). */
  readonly v5: number;
}

const NOT_AUTHORIZED: ConnackCode = { v3: 5, v5: 0x87 };
const CLIENT_ID: ConnackCode = { v3: 2, v5: 0x85 };
/** MQTT 5 §3.2.2.2: "banned by administrative action". */
const BANNED: ConnackCode = { v3: 5, v5: 0x8a };
const COME_AGAIN: ConnackCode = { v3: 3, v5: 0x88 };
const OVER_QUOTA: ConnackCode = { v3: 3, v5: 0x97 };

/** When the gate is out of order: what a device takes as "try again". */
export const OUT_OF_ORDER: ConnackCode = COME_AGAIN;

const OTHERS: Partial<Readonly<Record<RefusalCode, ConnackCode>>> = {
  'identity.client-id-empty': CLIENT_ID,
  'identity.client-id-syntax': CLIENT_ID,
  'registration.device-blocked': BANNED,
  'revocation.on-hold': BANNED,
  'registration.trust-in-motion': COME_AGAIN,
  'registration.over-quota': OVER_QUOTA,
  'registration.gate-busy': COME_AGAIN,
  'tenant.too-many-sessions': OVER_QUOTA,
  'tenant.too-many-connects': OVER_QUOTA,
  'token.too-often': OVER_QUOTA,
};

/** Whatever is not named otherwise is "not authorised": no refusal can be taken for an admission or for "try again" by having been forgotten. */
export const connackCodeOf = (code: RefusalCode): ConnackCode => OTHERS[code] ?? NOT_AUTHORIZED;
