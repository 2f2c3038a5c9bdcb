import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Answers a POST or PUT with what was made or changed. Without an `Accept` header the body stays empty, as on the
 * compatible platform (wire-contract §1.4); no value of it is ever refused.
 */
export function answerChange(
  request: FastifyRequest,
  reply: FastifyReply,
  { status, location, body }: { readonly status: 200 | 201; readonly location?: string; readonly body: object },
): FastifyReply {
  if (location !== undefined) reply.header('location', location);
  reply.code(status);
  return request.headers.accept === undefined ? reply.send() : reply.send(body);
}
