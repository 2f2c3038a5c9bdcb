import type { FastifyInstance } from 'fastify';
import { badRequest, sendProblem } from './problem.ts';

/** Headers of which Node keeps the first and drops the others without a word; a proxy before it may keep the last. */
const ONCE: readonly string[] = ['host', 'authorization'];

/** RFC 9112 §3.2 for Host, RFC 9110 §5.3 for Authorization: sent twice, nobody knows which one is meant, so neither is (D-17). */
export function refuseDoubledHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    const names = request.raw.rawHeaders.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());
    const doubled = ONCE.find((name) => names.indexOf(name) !== names.lastIndexOf(name));
    return doubled && sendProblem(reply, badRequest(`The header ${doubled} stands more than once in the request. Send it once.`));
  });
}
