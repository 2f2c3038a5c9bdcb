import type { ChangeRefusalCode } from '../../domain/refusals/codes.ts';
import type { ProblemRow } from './problem.ts';

/** The rows of `PROBLEMS` about changes that are looked at before they are made. */
export const CHANGE_PROBLEMS: Readonly<Record<ChangeRefusalCode, ProblemRow>> = {
  'change.not-confirmed': {
    status: 409,
    error: 'general/Conflict',
    message: ({ devices = 0, confirmAbove = 0 }) => `${devices} devices depend on this alone, and more than ${confirmAbove} want to be confirmed. If that is meant, send it again with confirm=${devices}.`,
  },
  'change.no-successor': { status: 404, error: 'certificate/Not Found' },
  'change.successor-circle': { status: 422, error: 'certificate/Unprocessable Entity' },
  'change.end-date-past': { status: 422, error: 'certificate/Unprocessable Entity' },
};
