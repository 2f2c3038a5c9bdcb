import { principalOf } from '../authorise.ts';
import { operation } from '../openapi/operation.ts';
import { LINK, list, record, TEXT, WHETHER } from '../openapi/schemas.ts';
import { withEtag } from '../if-match.ts';
import type { Routes } from '../route-needs.ts';
import { tagOf } from './users.ts';

const CURRENT_USER = {
  title: 'CurrentUser',
  ...record(
    {
      ...{ self: LINK, id: TEXT, userName: TEXT, effectiveRoles: list(record({ id: TEXT, name: TEXT })), shouldResetPassword: WHETHER },
      ...{ displayName: TEXT, firstName: TEXT, lastName: TEXT, email: TEXT },
    },
    { optional: ['displayName', 'firstName', 'lastName', 'email'] },
  ),
};

const ofCurrentUser = operation({
  tag: 'Users',
  summary: 'Whoever asks',
  answers: { 200: { is: 'The administrator, or the device with its one role `ROLE_DEVICE`.', body: CURRENT_USER } },
});

/** Whoever sends the request: an administrator, or the device whose token it carries (wire-contract §3.5). */
export const currentUserRoutes: Routes = async (app, { links, users }) => {
  app.get('/user/currentUser', ofCurrentUser, async (request, reply) => {
    const principal = principalOf(request);
    const roles = principal.kind === 'administrator' ? principal.roles : ['ROLE_DEVICE'];
    const found = principal.kind === 'administrator' ? await users.find(principal.tenant, principal.name) : undefined;
    const user = found?.granted ? found.value : undefined;
    return withEtag(reply, user && tagOf(user)).send({
      ...(user && { displayName: user.displayName, firstName: user.firstName, lastName: user.lastName, email: user.email }),
      self: links(request, '/user/currentUser'),
      id: principal.name,
      userName: principal.name,
      effectiveRoles: roles.map((role) => ({ id: role, name: role })),
      shouldResetPassword: false,
    });
  });
};
