import type { FastifyInstance, RouteOptions } from 'fastify';
import { documentOf } from './document.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Every route of the app in the order they were added, HEAD left out. */
    readonly describedRoutes: readonly RouteOptions[];
    /** The OpenAPI document of all routes as JSON. Made once, when all of them are there. */
    readonly openapi: () => string;
  }
}

/** Before any route: notes each one that is added to `app` or below. It reads them and changes none. */
export function describeRoutes(app: FastifyInstance): void {
  const routes: RouteOptions[] = [];
  let document: string | undefined;
  // Noted as they are, looked at later: hooks of inner apps have yet to add what they know.
  app.addHook('onRoute', (route) => void (route.method === 'HEAD' || routes.push(route)));
  app.decorate('describedRoutes', routes);
  app.decorate('openapi', () => (document ??= JSON.stringify(documentOf(routes))));
  // A document that cannot be made is a defect: it shows when the process starts, not when somebody asks.
  app.addHook('onReady', async () => void app.openapi());
}
