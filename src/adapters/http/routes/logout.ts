import { byOf, principalOf } from '../authorise.ts';
import { operation } from '../openapi/operation.ts';
import { readAuthorization } from '../read-authorization.ts';
import type { Routes } from '../route-needs.ts';

/** The token that carries the request is dead from now on (wire-contract §3.3). Whoever sent a password has nothing to end. */
export const logoutRoute: Routes = async (app, { tokens }) => {
  const described = operation({
    tag: 'Tokens',
    summary: 'Withdraw the token that this request carries',
    answers: { 200: 'The token is dead here; a user with a password keeps it.' },
  });
  app.post('/user/logout', described, async (request, reply) => {
    const credentials = readAuthorization(request.headers.authorization);
    const { tenant } = principalOf(request);
    if (credentials?.scheme === 'bearer') await tokens.withdraw(credentials.token, { tenant, by: byOf(request) });
    return reply.code(200).send();
  });
};
