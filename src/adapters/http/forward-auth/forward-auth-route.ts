import type { FastifyReply, FastifyRequest } from 'fastify';
import { decidePath } from '../../../domain/access/path-template.ts';
import type { Principal } from '../../../domain/access/administrator.ts';
import type { Refusal } from '../../../domain/refusal.ts';
import { grant, refuse, type Decision } from '../../../domain/shared/decision.ts';
import { bearerChallenge } from '../authenticate.ts';
import { operation, type Operation } from '../openapi/operation.ts';
import { sendProblem } from '../problem.ts';
import { problemOf } from '../problems.ts';
import { readAuthorization } from '../read-authorization.ts';
import type { RouteNeeds, Routes } from '../route-needs.ts';
import { urisSaid } from './uris-said.ts';

export const PATH = '/auth/forward';

type DevicePrincipal = Extract<Principal, { kind: 'device' }>;
type Needs = Pick<RouteNeeds, 'tokens' | 'forwardPaths'>;

/** 200 for every method: Envoy takes nothing else for yes, the others any 2xx. */
const OPERATION: Operation = {
  tag: 'Tokens',
  byToken: true,
  summary: 'Ask, as a proxy, whether a request may pass',
  description:
    'For `auth_request` of nginx, ForwardAuth of Traefik, `forward_auth` of Caddy and `ext_authz` of Envoy. The answer carries `X-Tenant-Id`, `X-Device-Id` and `X-Device-User`; the latter two are percent-encoded where a device id holds more than letters, digits and `-._~`.',
  headers: { 'x-original-uri': { type: 'string' }, 'x-forwarded-uri': { type: 'string' } },
  answers: {
    200: 'The token counts now, and the path is the device’s own.',
    401: 'There is no token, or it does not count. `X-Fleetgate-Reason` says why.',
    403: 'The path is not the device’s own, or nobody can say whose it is.',
  },
};
const described = operation(OPERATION);
/** Envoy asks with the method of the request, and appends its path. */
const describedForEnvoy = operation({ ...OPERATION, summary: 'Ask, as Envoy, whether a request may pass' });

/** Anybody may ask: whoever has a token learns whose it is, which the token says anyway. */
export const forwardAuthRoute: Routes = async (app, needs) => {
  // No body is waited for: a proxy may announce the one of the request that it asks about, and not send it.
  const options = { onRequest: (request: FastifyRequest, reply: FastifyReply) => answer(request, reply, needs) };
  const never = async (): Promise<void> => undefined;
  app.get(PATH, { ...options, ...described }, never);
  app.route({ method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'], url: `${PATH}/*`, ...options, ...describedForEnvoy, handler: never });
};

async function answer(request: FastifyRequest, reply: FastifyReply, needs: Needs): Promise<FastifyReply> {
  reply.header('cache-control', 'no-store');
  const decided = await decide(request, needs);
  if (!decided.granted) return sayNo(reply, decided.refusal);
  const { tenant, device, name } = decided.value;
  return reply.headers({ 'x-tenant-id': tenant, 'x-device-id': plain(device), 'x-device-user': plain(name) }).send();
}

async function decide({ headers, raw }: FastifyRequest, { tokens, forwardPaths }: Needs): Promise<Decision<DevicePrincipal, Refusal>> {
  const credentials = readAuthorization(headers.authorization);
  if (credentials?.scheme !== 'bearer') return refuse({ code: 'token.absent' });
  const device = await tokens.recognise(credentials.token);
  if (!device.granted || forwardPaths.length === 0) return device;
  const path = decidePath(forwardPaths, urisSaid({ headers, path: (raw.url ?? '').slice(PATH.length) }), device.value);
  return path.granted ? grant(device.value) : path;
}

/** 401 and 403 only: nginx makes 500 of every other status. */
function sayNo(reply: FastifyReply, refusal: Refusal): FastifyReply {
  const problem = problemOf(refusal);
  reply.header('x-fleetgate-reason', refusal.code);
  if (refusal.code.startsWith('access.')) return sendProblem(reply, problem);
  return sendProblem(reply, { ...problem, status: 401, headers: { 'www-authenticate': bearerChallenge(refusal) } });
}

/** A device id may hold any letters, a header and a path only these (RFC 3986 §2.3). */
const plain = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
