import type { OverloadRefusalCode } from '../../domain/refusals/codes.ts';
import type { ProblemRow } from './problem.ts';

const later: ProblemRow = {
  status: 429,
  error: 'general/Too Many Requests',
  headers: ({ seconds = 1 }) => ({ 'retry-after': String(seconds) }),
};

/** The rows of `PROBLEMS` about more than is allowed at a time. */
export const OVERLOAD_PROBLEMS: Readonly<Record<OverloadRefusalCode, ProblemRow>> = {
  'registration.over-quota': later,
  'registration.gate-busy': { ...later, status: 503, error: 'general/Service Unavailable' },
  'tenant.too-many-sessions': later,
  'tenant.too-many-connects': later,
  'token.too-often': later,
};
