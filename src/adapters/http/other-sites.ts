import type { FastifyInstance } from 'fastify';
import { sendProblem } from './problem.ts';

const HARMLESS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const OWN: ReadonlySet<string> = new Set(['same-origin', 'none']);

/**
 * A browser that knows an administrator's password sends it with whatever a page of another site makes it send. It also says
 * whose page that was (Fetch Metadata, `Sec-Fetch-Site`), and so such a page changes nothing here. Programs do not send the header.
 */
export function refuseOtherSites(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    const site = request.headers['sec-fetch-site'];
    if (site === undefined || HARMLESS.has(request.method) || (typeof site === 'string' && OWN.has(site))) return undefined;
    return sendProblem(reply, {
      status: 403,
      error: 'security/Forbidden',
      message: 'Access is denied. The page that sent this request belongs to another site (Sec-Fetch-Site), which may change nothing here.',
    });
  });
}
