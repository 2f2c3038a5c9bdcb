import { sentenceOf } from '../../domain/refusal.ts';
import type { AccessRefusalCode } from '../../domain/refusals/codes.ts';
import { FORBIDDEN, type ProblemRow } from './problem.ts';

export const forbidden: ProblemRow = { status: FORBIDDEN.status, error: FORBIDDEN.error, message: () => FORBIDDEN.message };
export const unauthorized: ProblemRow = {
  status: 401,
  error: 'security/Unauthorized',
  message: () => 'Invalid credentials! : Bad credentials',
};
const userData = { status: 422, error: 'users/Invalid Data' } as const;

/** The rows of `PROBLEMS` about people and programs at the API. */
export const ACCESS_PROBLEMS: Readonly<Record<AccessRefusalCode, ProblemRow>> = {
  'access.bad-credentials': unauthorized,
  'access.not-allowed': forbidden,
  'access.path-unknown': { ...forbidden, message: (_, refusal) => sentenceOf(refusal) },
  'access.path-malformed': { ...forbidden, message: (_, refusal) => sentenceOf(refusal) },
  'access.path-not-permitted': { ...forbidden, message: (_, refusal) => sentenceOf(refusal) },
  'access.unusable-name': userData,
  'access.unusable-password': userData,
};
