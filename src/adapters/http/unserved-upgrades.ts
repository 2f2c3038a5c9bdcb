import type { FastifyInstance } from 'fastify';

/**
 * Upgrades are not served: the request is answered as it is (RFC 9110 §7.8), and the connection ends. Node tells no fault of what follows on a
 * connection whose client asked for an upgrade; whoever sent something broken there would wait in silence for the time-out (R04).
 */
export function endAfterUpgrade(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    if (request.headers.upgrade !== undefined) reply.header('connection', 'close');
  });
}
