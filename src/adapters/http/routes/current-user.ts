import { principalOf } from '../authorise.ts';
import type { Routes } from '../route-needs.ts';

/** Whoever sends the request: an administrator, or the device whose token it carries (wire-contract §3.5). */
export const currentUserRoutes: Routes = async (app, { links }) => {
  app.get('/user/currentUser', async (request) => {
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
