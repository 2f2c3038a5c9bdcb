import type { OcspRefusalCode } from '../../domain/refusals/codes.ts';
import type { ProblemRow } from './problem.ts';

const unusable: ProblemRow = { status: 422, error: 'certificate/Unprocessable Entity' };
const absent: ProblemRow = { status: 404, error: 'certificate/Not Found' };
const busy: ProblemRow = { status: 429, error: 'general/Too Many Requests', headers: { 'retry-after': '60' } };

/** The rows of `PROBLEMS` about OCSP responders. What a responder answered is shown with the certificate; only operators' own wishes are refused. */
export const OCSP_PROBLEMS: Readonly<Record<OcspRefusalCode, ProblemRow>> = {
  'ocsp.unreadable': unusable,
  'ocsp.not-successful': unusable,
  'ocsp.other-certificate': unusable,
  'ocsp.unknown-critical-extension': unusable,
  'ocsp.wrong-nonce': unusable,
  'ocsp.signer-not-found': unusable,
  'ocsp.signer-not-authorised': unusable,
  'ocsp.signer-outside-validity': unusable,
  'ocsp.signer-revoked': unusable,
  'ocsp.signature-algorithm-not-accepted': unusable,
  'ocsp.signature-invalid': unusable,
  'ocsp.not-yet-valid': unusable,
  'ocsp.expired': unusable,
  'ocsp.older-than-known': unusable,
  'ocsp.not-asked': unusable,
  'ocsp.issuer-not-seen': unusable,
  'ocsp.unusable-rule': unusable,
  'ocsp.unknown-rule': absent,
  'ocsp.unknown-certificate': absent,
  'ocsp.busy': busy,
};
