import { principalOf } from '../authorise.ts';
import { operation } from '../openapi/operation.ts';
import { LINK, list, record, TEXT, WHETHER } from '../openapi/schemas.ts';
import type { Routes } from '../route-needs.ts';

const CURRENT_USER = {
  title: 'CurrentUser',
  ...record({ self: LINK, id: TEXT, userName: TEXT, effectiveRoles: list(record({ id: TEXT, name: TEXT })), shouldResetPassword: WHETHER }),
};

const ofCurrentUser = operation({
  tag: 'Users',
  summary: 'Whoever asks',
  answers: { 200: { is: 'The administrator, or the device with its one role `ROLE_DEVICE`.', body: CURRENT_USER } },
});

/** Whoever sends the request: an administrator, or the device whose token it carries (wire-contract §3.5). */
export const currentUserRoutes: Routes = async (app, { links }) => {
  app.get('/user/currentUser', ofCurrentUser, async (request) => {
    const principal = principalOf(request);
    const roles = principal.kind === 'administrator' ? principal.roles : ['ROLE_DEVICE'];
    return {
      self: links(request, '/user/currentUser'),
      id: principal.name,
      userName: principal.name,
      effectiveRoles: roles.map((role) => ({ id: role, name: role })),
      shouldResetPassword: false,
    };
  });
};
