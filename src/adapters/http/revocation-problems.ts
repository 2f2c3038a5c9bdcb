import type { RevocationRefusalCode } from '../../domain/refusals/codes.ts';
import { certificate } from './anchor-problems.ts';
import type { ProblemRow } from './problem.ts';

/** Refusals of revoked certificates. Where a chain is shown, wire-contract §1.5 has words of its own for them: see `chain-problems.ts`. */
export const REVOCATION_PROBLEMS: Readonly<Record<RevocationRefusalCode, ProblemRow>> = {
  'revocation.revoked': certificate,
  'revocation.on-hold': certificate,
  'revocation.nothing-named': certificate,
  'revocation.malformed-serial-number': certificate,
  'revocation.malformed-fingerprint': certificate,
  'revocation.unknown-certificate': { status: 404, error: 'certificate/Not Found' },
  'revocation.unknown-issuer': certificate,
  'revocation.unknown-reason': certificate,
  'revocation.unusable-note': certificate,
  'revocation.too-many': certificate,
  'revocation.not-on-hold': { status: 404, error: 'certificate/Not Found' },
  'revocation.for-good': { status: 409, error: 'certificate/Conflict' },
  'revocation.list-missing': certificate,
  'revocation.list-stale': certificate,
  'revocation.ocsp-revoked': certificate,
  'revocation.ocsp-missing': certificate,
  'revocation.ocsp-unknown': certificate,
  'revocation.ocsp-stale': certificate,
};
