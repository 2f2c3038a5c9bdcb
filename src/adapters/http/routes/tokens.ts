import type { FastifyRequest } from 'fastify';
import type { TokenClaims } from '../../../domain/tokens/token-claims.ts';
import { authorise, byOf, MAY_CHANGE, principalOf } from '../authorise.ts';
import { readForms } from '../form-body.ts';
import { operation } from '../openapi/operation.ts';
import { record, TEXT, WHETHER } from '../openapi/schemas.ts';
import type { Routes } from '../route-needs.ts';

/** The longest token is 16 KiB (J13); percent-encoding makes a form no longer than this. */
const LARGEST_BODY = 64 * 1024;

const body = {
  type: 'object',
  required: ['token'],
  properties: { token: { type: 'string', minLength: 1 }, token_type_hint: {} },
} as const;
const described = { byType: { 'application/x-www-form-urlencoded': body, 'application/json': body } } as const;
const options = { schema: { body }, bodyLimit: LARGEST_BODY, onRequest: [authorise(...MAY_CHANGE, 'ROLE_TOKEN_SERVICE')] };

interface OfToken {
  readonly Body: { readonly token: string };
}

const CLAIM_NAMES = ['token_type', 'client_id', 'username', 'iss', 'aud', 'sub', 'jti', 'ten'] as const;
const TIMES = ['exp', 'iat', 'nbf'] as const;
/** Of a token that does not count, `active` alone. */
const CLAIMS = {
  title: 'Introspection',
  ...record(
    {
      active: WHETHER,
      ...Object.fromEntries(CLAIM_NAMES.map((name) => [name, TEXT])),
      ...Object.fromEntries(TIMES.map((name) => [name, { type: 'integer', description: 'Seconds since 1970.' }])),
      cnf: record({ 'x5t#S256': TEXT }),
    },
    { optional: [...CLAIM_NAMES, ...TIMES, 'cnf'] },
  ),
};

/** For services and administrators: is this token good now, and let it be good no longer. A tenant's tokens are its own business. */
export const tokenRoutes: Routes = async (app, { tokens }) => {
  readForms(app);
  const introspects = operation({
    tag: 'Tokens',
    summary: 'Ask whether a device token counts now (RFC 7662)',
    description: 'By the live state: dead is what was withdrawn, and what belongs to a blocked or removed device, a withdrawn CA or a suspended tenant. Another tenant’s token is `{"active":false}`, like garbage.',
    body: described,
    answers: { 200: { is: 'What the token says, or that it does not count.', body: CLAIMS } },
  });
  app.post<OfToken>('/auth/introspect', { ...options, ...introspects }, async (request, reply) => {
    const claims = await tokens.inspect(request.body.token, principalOf(request).tenant);
    // RFC 7662 §2.2: why a token does not count is nobody's business.
    return reply.headers(NOT_KEPT).send(claims ? view(claims) : { active: false });
  });

  const revokes = operation({
    tag: 'Tokens',
    summary: 'Withdraw a device token (RFC 7009)',
    description: 'The device may get another one: block it to keep it out.',
    body: described,
    answers: { 200: 'The token does not count, whether it did before or not.' },
  });
  app.post<OfToken>('/auth/revoke', { ...options, ...revokes }, async (request, reply) => {
    await tokens.withdraw(request.body.token, askerOf(request));
    return reply.headers(NOT_KEPT).send();
  });
};

const NOT_KEPT = { 'cache-control': 'no-store', pragma: 'no-cache' } as const;

const askerOf = (request: FastifyRequest) => ({ tenant: principalOf(request).tenant, by: byOf(request) });

/** RFC 7662 §2.2, and `cnf` of RFC 8705 §3.2. The client is the device. */
const view = ({ iss, aud, sub, exp, iat, nbf, jti, ten, cnf }: TokenClaims): object => ({
  ...{ active: true, token_type: 'Bearer', client_id: sub.replace(/^device_/, ''), username: sub },
  ...{ iss, aud, sub, exp, iat, nbf, jti, ten, cnf },
});
