import fastify, { type FastifyInstance } from 'fastify';
import type { Log } from '../../ports/driven/log.ts';
import type { Metrics } from '../../ports/driven/metrics.ts';
import { authenticate } from './authenticate.ts';
import { countRefused } from './count-refused.ts';
import { refuseDoubledHeaders } from './doubled-headers.ts';
import { readJsonBodies } from './json-body.ts';
import { notFound, onError, routeOf } from './on-error.ts';
import { describeRoutes } from './openapi/describe-routes.ts';
import { refuseOtherSites } from './other-sites.ts';
import type { RouteNeeds } from './route-needs.ts';
import { PROTECTED_ROUTES, PUBLIC_ROUTES } from './routes.ts';
import { endAfterUpgrade } from './unserved-upgrades.ts';

/** Bulk files are streamed and have a bound of their own. */
const LARGEST_BODY = 1024 * 1024;

/** Device ids have up to 254 characters, percent-encoded up to nine bytes each. */
const LONGEST_PARAMETER = 4096;

/** The whole API without a socket: listeners hand it their requests by `routing`, tests by `inject`. */
export async function createApp(needs: RouteNeeds): Promise<FastifyInstance> {
  const app = fastify({
    logger: false,
    bodyLimit: LARGEST_BODY,
    requestIdHeader: false,
    return503OnClosing: true,
    routerOptions: { maxParamLength: LONGEST_PARAMETER },
    frameworkErrors: onError(needs.log),
    // By default fastify turns "1" into 1 and drops members it does not know: both hide mistakes.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
  });
  app.setErrorHandler(onError(needs.log));
  app.setNotFoundHandler(notFound(needs.peerOf));
  logRequests(app, needs.log);
  countRequests(app, needs.metrics);
  describeRoutes(app);
  refuseDoubledHeaders(app);
  endAfterUpgrade(app);
  readJsonBodies(app);
  for (const route of PUBLIC_ROUTES) await app.register(route, needs);
  await app.register(async (behind) => {
    refuseOtherSites(behind);
    authenticate(behind, needs);
    countRefused(behind, needs);
    for (const route of PROTECTED_ROUTES) await behind.register(route, needs);
  });
  return app;
}

/** One line a request: no query, no header, no path that names somebody. */
function logRequests(app: FastifyInstance, log: Log): void {
  app.addHook('onResponse', async (request, reply) => {
    log.info(
      { method: request.method, route: routeOf(request), status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      'request answered',
    );
  });
}

function countRequests(app: FastifyInstance, metrics: Pick<Metrics, 'count' | 'took'>): void {
  app.addHook('onResponse', async (request, reply) => {
    metrics.count('fleetgate_http_requests_total', { method: request.method, route: routeOf(request), status: `${Math.floor(reply.statusCode / 100)}xx` });
    metrics.took('fleetgate_http_request_seconds', {}, reply.elapsedTime / 1000);
  });
}
