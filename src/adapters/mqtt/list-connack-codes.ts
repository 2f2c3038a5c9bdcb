import type { RefusalCode } from '../../domain/refusal.ts';
import type { ConnackCode } from './connack-codes.ts';

const NOT_AUTHORIZED: ConnackCode = { v3: 5, v5: 0x87 };

/** Refusals of revocation lists, which no device hears: rows of `CONNACK_CODES`, so that a new code does not compile before somebody thought of it. */
export const LIST_CONNACK_CODES = {
  'list.unreadable': NOT_AUTHORIZED,
  'list.too-large': NOT_AUTHORIZED,
  'list.not-version-2': NOT_AUTHORIZED,
  'list.unknown-critical-extension': NOT_AUTHORIZED,
  'list.indirect': NOT_AUTHORIZED,
  'list.wrong-scope': NOT_AUTHORIZED,
  'list.no-next-update': NOT_AUTHORIZED,
  'list.not-yet-valid': NOT_AUTHORIZED,
  'list.expired': NOT_AUTHORIZED,
  'list.issuer-not-found': NOT_AUTHORIZED,
  'list.issuer-may-not-sign': NOT_AUTHORIZED,
  'list.signature-algorithm-not-accepted': NOT_AUTHORIZED,
  'list.signature-invalid': NOT_AUTHORIZED,
  'list.issuer-revoked': NOT_AUTHORIZED,
  'list.not-newer': NOT_AUTHORIZED,
  'list.too-many': NOT_AUTHORIZED,
  'list.busy': NOT_AUTHORIZED,
  'list.unknown': NOT_AUTHORIZED,
  'list.unusable-rule': NOT_AUTHORIZED,
  'list.unknown-rule': NOT_AUTHORIZED,
  'list.not-fetched': NOT_AUTHORIZED,
} as const satisfies Partial<Readonly<Record<RefusalCode, ConnackCode>>>;
