import type { OcspRefusalCode, RevocationRefusalCode } from '../../domain/refusals/codes.ts';
import type { ConnackCode } from './connack-codes.ts';

const NOT_AUTHORIZED: ConnackCode = { v3: 5, v5: 0x87 };
/** The answer is being asked for: whoever comes again in a few seconds finds it. */
const COME_AGAIN: ConnackCode = { v3: 3, v5: 0x88 };

/** The rows of `CONNACK_CODES` about OCSP; only the first four are ever told to a device. */
export const OCSP_CONNACK_CODES: Readonly<Record<OcspRefusalCode | Extract<RevocationRefusalCode, `revocation.ocsp-${string}`>, ConnackCode>> = {
  'revocation.ocsp-revoked': NOT_AUTHORIZED,
  'revocation.ocsp-missing': COME_AGAIN,
  'revocation.ocsp-unknown': NOT_AUTHORIZED,
  'revocation.ocsp-stale': NOT_AUTHORIZED,
  'ocsp.unreadable': NOT_AUTHORIZED,
  'ocsp.not-successful': NOT_AUTHORIZED,
  'ocsp.other-certificate': NOT_AUTHORIZED,
  'ocsp.unknown-critical-extension': NOT_AUTHORIZED,
  'ocsp.wrong-nonce': NOT_AUTHORIZED,
  'ocsp.signer-not-found': NOT_AUTHORIZED,
  'ocsp.signer-not-authorised': NOT_AUTHORIZED,
  'ocsp.signer-outside-validity': NOT_AUTHORIZED,
  'ocsp.signer-revoked': NOT_AUTHORIZED,
  'ocsp.signature-algorithm-not-accepted': NOT_AUTHORIZED,
  'ocsp.signature-invalid': NOT_AUTHORIZED,
  'ocsp.not-yet-valid': NOT_AUTHORIZED,
  'ocsp.expired': NOT_AUTHORIZED,
  'ocsp.older-than-known': NOT_AUTHORIZED,
  'ocsp.not-asked': NOT_AUTHORIZED,
  'ocsp.issuer-not-seen': NOT_AUTHORIZED,
  'ocsp.unusable-rule': NOT_AUTHORIZED,
  'ocsp.unknown-rule': NOT_AUTHORIZED,
  'ocsp.unknown-certificate': NOT_AUTHORIZED,
  'ocsp.busy': NOT_AUTHORIZED,
};
