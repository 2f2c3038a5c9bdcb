import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Principal } from '../../domain/access/administrator.ts';
import { REFUSALS, type Refusal } from '../../domain/refusal.ts';
import { refuse, type Decision } from '../../domain/shared/decision.ts';
import type { AccessDesk } from '../../ports/driving/access-desk.ts';
import { PRINCIPAL } from './authorise.ts';
import { sendProblem, type Problem } from './problem.ts';
import { problemOf } from './problems.ts';
import { readAuthorization, type Credentials } from './read-authorization.ts';

/** Every route of `app` asks who is there, before any of the body is read. `principalOf` tells afterwards. */
export function authenticate(app: FastifyInstance, access: AccessDesk): void {
  app.decorateRequest(PRINCIPAL);
  app.addHook('onRequest', async (request, reply) => {
    const credentials = readAuthorization(request.headers.authorization);
    const found = await principalBehind(credentials, request, access);
    if (!found.granted) return sendProblem(reply, unauthorized(found.refusal, credentials, request));
    request.setDecorator<Principal>(PRINCIPAL, found.value);
    return undefined;
  });
}

async function principalBehind(
  credentials: Credentials | undefined,
  request: FastifyRequest,
  access: AccessDesk,
): Promise<Decision<Principal, Refusal>> {
  switch (credentials?.scheme) {
    case 'basic':
      return access.byPassword(credentials.login, credentials.password, request.hostname);
    case 'bearer':
      return access.byToken(credentials.token); // the Host plays no part (T08)
    case undefined:
      return refuse({ code: 'access.bad-credentials' });
  }
}

/**
 * 401, whatever the reason. A password that is wrong in whichever way looks the same; a token says why, for whoever holds
 * one that was forged learns nothing, and whoever holds one that ran out learns to ask anew (RFC 6750 §3).
 */
function unauthorized(refusal: Refusal, credentials: Credentials | undefined, request: FastifyRequest): Problem {
  const isToken = credentials?.scheme === 'bearer';
  const told = problemOf(refusal);
  const problem = told.status === 401 && isToken ? told : problemOf({ code: 'access.bad-credentials' });
  return { ...problem, headers: { 'www-authenticate': isToken ? bearer(refusal) : basic(request) } };
}

const bearer = ({ code }: Refusal): string =>
  `Bearer error="invalid_token", error_description="required is that ${REFUSALS[code].requires.replaceAll(/[^\x20-\x7e]|["\\]/g, '')}"`;

/** Browser clients ask for a scheme that their browser does not know, so that it opens no window of its own (wire-contract §1.4). */
const basic = (request: FastifyRequest): string =>
  `${/^true$/i.test(String(request.headers['usexbasic'])) ? 'XBasic' : 'Basic'} realm="Cumulocity"`;
