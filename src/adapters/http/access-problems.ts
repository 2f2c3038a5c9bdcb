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
  'access.too-many-attempts': {
    status: 429,
    error: 'security/Too Many Requests',
    message: ({ seconds = 1 }) => `Too many wrong passwords. Try again in ${seconds} s.`,
    headers: ({ seconds = 1 }) => ({ 'retry-after': String(seconds) }),
  },
  'access.unknown-user': { status: 404, error: 'users/Not Found', message: ({ user = '' }) => `Could not find user with id: ${user}.` },
  'access.user-exists': { status: 409, error: 'users/Duplicate', message: ({ user = '' }) => `A user with the name ${user} already exists.` },
  'access.unknown-role': userData,
  'access.unusable-text': userData,
  'access.last-administrator': { status: 409, error: 'users/Conflict' },
  'access.wrong-present-password': userData,
  'access.device-user': userData,
  'access.changed-meanwhile': { status: 412, error: 'general/Precondition Failed' },
};
