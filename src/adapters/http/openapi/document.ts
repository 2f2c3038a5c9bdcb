import type { RouteOptions } from 'fastify';
import { sharedResponses } from './shared-answers.ts';
import { Components } from './components.ts';
import { operationObject, templateOf } from './operation-object.ts';
import type { Tag } from './operation.ts';
import { PROBLEM } from './schemas.ts';

const TAGS: Readonly<Record<Tag, string>> = {
  Trust: 'CA certificates whose devices a tenant lets in.',
  Tenants: 'Tenants, and what each chose for itself.',
  Users: 'Who asks, and who may.',
  Devices: 'Devices that are registered.',
  Registration: 'Bringing devices in.',
  Inventory: 'What agents read and write first.',
  Tokens: 'Tokens of devices, and the keys that check them.',
  Audit: 'Who did what, in a chain of hashes (ours).',
  Instance: 'The process itself.',
};

const DESCRIPTION = `The front door of a fleet of devices: X.509 over MQTT/TLS in, a token for any HTTP service out.

* **Bodies** are JSON under any content type with \`json\` in it. Unknown members and unknown query parameters are ignored, nothing is coerced; two members of one name are refused.
* **Errors** all look like \`Problem\`. A client's mistake is never 5xx.
* Every GET answers **HEAD** too.`;

const SECURITY = {
  basic: { type: 'http', scheme: 'basic', description: '`tenant/user:password`, or `user:password` where the Host is the domain of the tenant.' },
  bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'The token of a device, which has the rights of that device.' },
  certificate: { type: 'mutualTLS', description: 'The certificate of a device.' },
};

/** The OpenAPI 3.1.0 document of the routes. Methods are HEAD where fastify adds them to GET: those are left out. */
export function documentOf(routes: readonly RouteOptions[]): object {
  const components = new Components();
  const problem = components.referTo(PROBLEM);
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const operation = route.config?.operation;
    if (operation === undefined) continue;
    for (const method of [route.method].flat().filter((one) => one !== 'HEAD')) {
      const path = (paths[templateOf(route.url)] ??= {});
      path[method.toLowerCase()] = operationObject(method, route, operation, components);
    }
  }
  const used = new Set(routes.map(({ config }) => config?.operation?.tag));
  return {
    openapi: '3.1.0',
    info: { title: 'Fleetgate', version: '1', description: DESCRIPTION, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: '/' }],
    tags: Object.entries(TAGS).filter(([tag]) => used.has(tag as Tag)).map(([name, description]) => ({ name, description })),
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))),
    components: { schemas: components.all(), responses: sharedResponses(problem), securitySchemes: SECURITY },
  };
}
