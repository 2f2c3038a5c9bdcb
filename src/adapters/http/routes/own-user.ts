import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '../../../domain/access/administrator.ts';
import { byOf, principalOf } from '../authorise.ts';
import { ifMatch } from '../if-match.ts';
import { operation } from '../openapi/operation.ts';
import { IF_MATCH } from '../openapi/schemas.ts';
import { PASSWORDS, PROFILE, USER } from '../openapi/user-schemas.ts';
import { FORBIDDEN, sendProblem } from '../problem.ts';
import { sendRefusal } from '../problems.ts';
import { readPasswords, readUserWish } from '../read-user.ts';
import type { Routes } from '../route-needs.ts';
import { answerUser, tagOf } from './users.ts';

/** An administrator, whatever its roles. Devices have nothing of their own to change here. */
const isAdministrator = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> =>
  principalOf(request).kind === 'administrator' ? undefined : sendProblem(reply, FORBIDDEN);

type Administrator = Extract<Principal, { kind: 'administrator' }>;

/** What everybody may change of oneself: how one is called, and the password. Roles and `enabled` are others' to give. */
export const ownUserRoutes: Routes = async (app, needs) => {
  const { users } = needs;
  const answers = { 200: { ...USER, mayBeEmpty: true }, 422: 'A text cannot be used, or the password is not the present one.' };
  const asPut = operation({ tag: 'Users', summary: 'Change how one is called', headers: IF_MATCH, body: PROFILE, answers: { ...answers, 404: 'The user was removed meanwhile.', 412: 'The user was changed meanwhile.' } });
  app.put('/user/currentUser', { onRequest: [isAdministrator], ...asPut }, async (request, reply) => {
    const { tenant, name } = principalOf(request) as Administrator;
    const wish = readUserWish(request.body);
    if (!wish.granted) return sendProblem(reply, wish.refusal);
    const { roles: _roles, enabled: _enabled, ...own } = wish.value;
    const changed = await users.change(tenant, name, own, byOf(request), ifMatch(request, tagOf));
    return changed.granted ? answerUser(needs, request, reply, changed.value) : sendRefusal(reply, changed.refusal);
  });

  const asPassword = operation({ tag: 'Users', summary: 'Change one’s own password', body: PASSWORDS, answers: { ...answers, 404: 'The user was removed meanwhile.' } });
  app.put('/user/currentUser/password', { onRequest: [isAdministrator], ...asPassword }, async (request, reply) => {
    const { tenant, name } = principalOf(request) as Administrator;
    const passwords = readPasswords(request.body);
    if (!passwords.granted) return sendProblem(reply, passwords.refusal);
    const changed = await users.changePassword(tenant, name, passwords.value);
    return changed.granted ? answerUser(needs, request, reply, changed.value) : sendRefusal(reply, changed.refusal);
  });
};
