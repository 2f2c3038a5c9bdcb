import { sentenceOf } from '../../domain/refusal.ts';
import type { AnchorRefusalCode } from '../../domain/refusals/codes.ts';
import type { ProblemRow } from './problem.ts';

export const certificate = { status: 422, error: 'certificate/Unprocessable Entity' } as const;
export const unreadable: ProblemRow = {
  ...certificate,
  message: (_, refusal) => `Cannot parse X509 certificate. : Could not parse certificate: ${sentenceOf(refusal)}`,
};
export const outsideValidity: ProblemRow = {
  ...certificate,
  message: () => 'Can not activate a certificate which is either expired or not yet valid',
};
const wrongProof = { status: 400, error: 'tenants/Bad Request' } as const;

/** The rows of `PROBLEMS` about certificates that a tenant uploads, in the words of the compatible API (wire-contract §1.5, §1.7). */
export const ANCHOR_PROBLEMS: Readonly<Record<AnchorRefusalCode, ProblemRow>> = {
  'anchor.unreadable': unreadable,
  'anchor.private-key': unreadable,
  'anchor.too-large': unreadable,
  'anchor.not-a-chain': unreadable,
  'anchor.not-version-3': certificate,
  'anchor.not-a-ca': certificate,
  'anchor.outside-validity': outsideValidity,
  'anchor.may-not-sign': certificate,
  'anchor.key-not-accepted': certificate,
  'anchor.unknown-critical-extension': certificate,
  'anchor.already-trusted': {
    status: 409,
    error: 'certificate/Duplicate',
    message: ({ fingerprint = '' }) =>
      `Cannot add certificate - certificate with ${fingerprint} fingerprint already exists. : Certificate with ${fingerprint} fingerprint already exists.`,
  },
  'anchor.too-many-of-one-name': certificate,
  'anchor.unknown': {
    status: 404,
    error: 'certificate/Not Found',
    message: ({ fingerprint = '' }) => `Cannot find certificate with fingerprint ${fingerprint}.`,
  },
  'anchor.status': certificate,
  'anchor.name': certificate,
  'anchor.possession-unreadable': {
    status: 422,
    error: 'tenants/Unprocessable Entity',
    message: ({ fingerprint = '', tenant = '' }) => `Cannot process certificate data <'${fingerprint}'> for tenant <'${tenant}'>.`,
  },
  'anchor.possession-not-proven': {
    ...wrongProof,
    message: ({ fingerprint = '', tenant = '' }) =>
      `Wrong Proof Of Possession plaintext used for tenant <'${tenant}'>. Certificate <'${fingerprint}'>, usage not granted.`,
  },
  'anchor.possession-code-expired': {
    ...wrongProof,
    message: ({ fingerprint = '', tenant = '' }) =>
      `Proof of possession verification code used for tenant ${tenant} expired. Certificate ${fingerprint}, usage not granted.`,
  },
};
