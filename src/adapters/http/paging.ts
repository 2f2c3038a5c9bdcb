import type { FastifyRequest } from 'fastify';
import { grant, refuse, type Decision } from '../../domain/shared/decision.ts';
import type { Page, PageRequest } from '../../ports/page.ts';
import type { Links } from './links.ts';
import { badRequest, type Problem } from './problem.ts';

export type Query = Readonly<Record<string, unknown>>;

/** Of the compatible API (wire-contract §1.3). */
const DEFAULT_SIZE = 5;
export const LARGEST_PAGE = 2000;
/** Keeps the offset of a page a safe integer in every store. */
const LAST_PAGE = 1_000_000;

/** `currentPage` and `pageSize` of a query. What is no number in range is refused, not mended (R10). */
export function readPaging(query: Query): Decision<PageRequest, Problem> {
  const number = readCount(query, 'currentPage', { otherwise: 1, largest: LAST_PAGE });
  if (!number.granted) return number;
  const size = readCount(query, 'pageSize', { otherwise: DEFAULT_SIZE, largest: LARGEST_PAGE });
  return size.granted ? grant({ number: number.value, size: size.value }) : size;
}

/** A whole number from 1 to `largest`; `otherwise` where the query has none. */
export function readCount(
  query: Query,
  name: string,
  { otherwise, largest }: { readonly otherwise: number; readonly largest: number },
): Decision<number, Problem> {
  const given = query[name];
  if (given === undefined || given === '') return grant(otherwise);
  const count = typeof given === 'string' && /^\d{1,10}$/.test(given) ? Number(given) : 0;
  return count >= 1 && count <= largest
    ? grant(count)
    : refuse(badRequest(`The query parameter ${name} must be a whole number from 1 to ${largest}. Send it once, or leave it out.`));
}

/** Longest device id (D-8). */
const LONGEST_ID = 254;

/** The page of a list of devices by id: those after `after`, at most `limit`. */
export function readKeyset(query: Query, limits: { readonly otherwise: number; readonly largest: number }): Decision<{ readonly after: string | undefined; readonly limit: number }, Problem> {
  const limit = readCount(query, 'limit', limits);
  if (!limit.granted) return limit;
  const after = query['after'];
  if (after !== undefined && (typeof after !== 'string' || after.length > LONGEST_ID))
    return refuse(badRequest('The query parameter after must be the id of the last device of the page before. Send it once.'));
  return grant({ after: after || undefined, limit: limit.value });
}

/** The frame around one page: `self`, `next`, `prev`, `statistics`. Clients read `currentPage` out of the URLs, which keep the `filters` of the query. */
export function pageFrame(
  request: FastifyRequest,
  links: Links,
  { number, size }: PageRequest,
  { total }: Page<unknown>,
  filters: readonly string[] = [],
): object {
  const query = request.query as Query;
  const path = request.url.split('?', 1)[0]!;
  const pages = Math.ceil(total / size);
  const wants = (name: string): boolean => query[name] === 'true';
  const filtered = filters.filter((name) => typeof query[name] === 'string').map((name) => `&${name}=${encodeURIComponent(String(query[name]))}`);
  const kept = [...filtered, ...['withTotalPages', 'withTotalElements'].filter(wants).map((name) => `&${name}=true`)].join('');
  const urlOf = (page: number): string => links(request, `${path}?pageSize=${size}&currentPage=${page}${kept}`);
  return {
    self: urlOf(number),
    ...(number < pages && { next: urlOf(number + 1) }),
    ...(number > 1 && { prev: urlOf(number - 1) }),
    statistics: {
      currentPage: number,
      pageSize: size,
      ...(wants('withTotalPages') && { totalPages: Math.max(pages, 1) }),
      ...(wants('withTotalElements') && { totalElements: total }),
    },
  };
}
