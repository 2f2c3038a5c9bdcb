import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * An entity tag of a state: of what can change of a thing, and of no secret (RFC 9110 §8.8.3). Links in an answer follow the Host and
 * are no part of it.
 */
export const etagOf = (state: unknown): string => `"${createHash('sha256').update(JSON.stringify(state)).digest('base64url').slice(0, 22)}"`;

/**
 * What `If-Match` demands, as a question that the desk asks about the state which it is about to change (R09). Undefined: the header is
 * absent, and nothing is demanded. A header that is not in its form, or holds weak tags only, is met by nothing (RFC 9110 §13.1.1).
 */
export function ifMatch<State>(request: FastifyRequest, etag: (state: State) => string | undefined): ((state: State) => boolean) | undefined {
  const header = request.headers['if-match'];
  if (header === undefined) return undefined;
  if (header.trim() === '*') return () => true;
  const tags = new Set(header.match(/(?<=^|,)\s*"[\x21\x23-\x7e\x80-\xff]*"\s*(?=,|$)/g)?.map((tag) => tag.trim()));
  return (state) => {
    const now = etag(state);
    return now !== undefined && tags.has(now);
  };
}

/** Says with an answer what a later `If-Match` may name. */
export const withEtag = (reply: FastifyReply, etag: string | undefined): FastifyReply => (etag === undefined ? reply : reply.header('etag', etag));
