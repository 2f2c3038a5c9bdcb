import { hash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Principal } from '../../domain/access/administrator.ts';
import type { Thumbprint } from '../../domain/certificates/certificate.ts';
import { REFUSALS, type Refusal } from '../../domain/refusal.ts';
import { refuse, type Decision } from '../../domain/shared/decision.ts';
import type { AccessDesk } from '../../ports/driving/access-desk.ts';
import { PRINCIPAL } from './authorise.ts';
import { basicChallenge, fullAuthentication, sendProblem, type Problem } from './problem.ts';
import { problemOf } from './problems.ts';
import { readAuthorization, type Credentials } from './read-authorization.ts';
import type { RouteNeeds } from './route-needs.ts';

/** Every route of `app` asks who is there, before any of the body is read. `principalOf` tells afterwards. */
export function authenticate(app: FastifyInstance, { access, peerOf }: Pick<RouteNeeds, 'access' | 'peerOf'>): void {
  app.decorateRequest(PRINCIPAL);
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, isProtected: true };
  });
  app.addHook('onRequest', async (request, reply) => {
    if (isAnonymous(request) && peerOf(request)) return sendProblem(reply, fullAuthentication(request));
    const credentials = readAuthorization(request.headers.authorization);
    const found = await principalBehind(credentials, request, { access, peerOf });
    if (!found.granted) return sendProblem(reply, unauthorized(found.refusal, credentials, request));
    request.setDecorator<Principal>(PRINCIPAL, found.value);
    return undefined;
  });
}

/** Who the credentials of a request are. */
export async function principalBehind(
  credentials: Credentials | undefined,
  request: FastifyRequest,
  { access, peerOf }: { readonly access: AccessDesk; readonly peerOf: RouteNeeds['peerOf'] },
): Promise<Decision<Principal, Refusal>> {
  switch (credentials?.scheme) {
    case 'basic':
      return access.byPassword(credentials.login, credentials.password, { host: request.hostname, from: request.ip });
    case 'bearer':
      return access.byToken(credentials.token, shownTo(peerOf(request))); // the Host plays no part (T08)
    case undefined:
      return refuse({ code: 'access.bad-credentials' });
  }
}

/** The certificate of whose key TLS proved possession on this connection. */
function shownTo(peer: ReturnType<RouteNeeds['peerOf']>): Thumbprint | undefined {
  const leaf = peer?.chain[0];
  return leaf && (hash('sha256', leaf, 'hex') as Thumbprint);
}

/** No word of who it is. */
const isAnonymous = (request: FastifyRequest): boolean => request.headers.authorization === undefined;

/**
 * 401, whatever the reason, but for 429 after too many wrong passwords. A password that is wrong in whichever way looks the same; a token says why, for whoever holds
 * one that was forged learns nothing, and whoever holds one that ran out learns to ask anew (RFC 6750 §3).
 */
export function unauthorized(refusal: Refusal, credentials: Credentials | undefined, request: FastifyRequest): Problem {
  if (refusal.code === 'access.too-many-attempts') return problemOf(refusal);
  const isToken = credentials?.scheme === 'bearer';
  const told = problemOf(refusal);
  const problem = told.status === 401 && isToken ? told : problemOf({ code: 'access.bad-credentials' });
  return { ...problem, headers: { 'www-authenticate': isToken ? bearerChallenge(refusal) : basicChallenge(request) } };
}

/** RFC 6750 §3: why a token was not taken; nothing of the kind where there was none (§3.1). */
export const bearerChallenge = ({ code }: Refusal): string =>
  code === 'token.absent'
    ? 'Bearer realm="fleetgate"'
    : `Bearer error="invalid_token", error_description="required is that ${REFUSALS[code].requires.replaceAll(/[^\x20-\x7e]|["\\]/g, '')}"`;
