import type { FastifyInstance, FastifyRequest } from 'fastify';
import { badRequest } from './problem.ts';

const FORM = 'application/x-www-form-urlencoded';

/** The routes of `app` take forms beside JSON, as RFC 7009 §2.1 and RFC 7662 §2.1 want. A member that stands twice is refused (RFC 6749 §3.2). */
export function readForms(app: FastifyInstance): void {
  app.addContentTypeParser(FORM, { parseAs: 'string' }, async (_request: FastifyRequest, body: string) => {
    const members = [...new URLSearchParams(body)];
    const names = members.map(([name]) => name);
    if (new Set(names).size < names.length) throw badRequest('A member of the form stands more than once. Send each once.');
    return Object.fromEntries(members);
  });
}
