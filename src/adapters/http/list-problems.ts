import type { ListRefusalCode } from '../../domain/refusals/codes.ts';
import type { ProblemRow } from './problem.ts';

const unusable: ProblemRow = { status: 422, error: 'certificate/Unprocessable Entity' };

const absent: ProblemRow = { status: 404, error: 'certificate/Not Found' };

/** The rows of `PROBLEMS` about revocation lists. */
export const LIST_PROBLEMS: Readonly<Record<ListRefusalCode, ProblemRow>> = {
  'list.unreadable': unusable,
  'list.too-large': { ...unusable, status: 413 },
  'list.not-version-2': unusable,
  'list.unknown-critical-extension': unusable,
  'list.indirect': unusable,
  'list.wrong-scope': unusable,
  'list.no-next-update': unusable,
  'list.not-yet-valid': unusable,
  'list.expired': unusable,
  'list.issuer-not-found': unusable,
  'list.issuer-may-not-sign': unusable,
  'list.signature-algorithm-not-accepted': unusable,
  'list.signature-invalid': unusable,
  'list.issuer-revoked': unusable,
  'list.not-newer': { status: 409, error: 'certificate/Duplicate' },
  'list.too-many': unusable,
  'list.busy': { status: 429, error: 'general/Too Many Requests', headers: { 'retry-after': '60' } },
  'list.unknown': absent,
  'list.unusable-rule': unusable,
  'list.unknown-rule': absent,
  'list.not-fetched': unusable,
};
