import type { FastifyInstance } from 'fastify';
import { ROLES } from '../../../domain/access/administrator.ts';
import type { TenantId } from '../../../domain/trust/tenant.ts';
import { answerChange } from '../answer.ts';
import { authorise, byOf } from '../authorise.ts';
import { operation } from '../openapi/operation.ts';
import { COLLECTION_OF_REFERENCES, COLLECTION_OF_ROLES, REFERENCE, ROLE } from '../openapi/user-schemas.ts';
import { badRequest, sendProblem } from '../problem.ts';
import { sendRefusal } from '../problems.ts';
import { readRole } from '../read-user.ts';
import type { RouteNeeds, Routes } from '../route-needs.ts';
import { roleReference, roleView, userPath } from '../user-view.ts';
import { mayChangeUsers, mayReadUsers, tagOf } from './users.ts';

interface OfUser {
  Params: { readonly tenant: TenantId; readonly name: string };
}
interface OfUserAndRole {
  Params: { readonly tenant: TenantId; readonly name: string; readonly roleId: string };
}

const PATH = '/user/:tenant/users/:name/roles';

/** The roles there are, and those of one user, one at a time. */
export const userRoleRoutes: Routes = async (app, needs) => {
  readRoles(app, needs);
  changeRoles(app, needs);
};

function readRoles(app: FastifyInstance, { users, links }: RouteNeeds): void {
  const anyAdministrator = { onRequest: [authorise(...ROLES)] };
  const asAll = operation({ tag: 'Users', summary: 'List the roles there are', answers: { 200: COLLECTION_OF_ROLES } });
  app.get('/user/roles', { ...anyAdministrator, ...asAll }, async (request) => ({
    self: links(request, '/user/roles'),
    roles: ROLES.map((role) => roleView(role, (path) => links(request, path))),
    statistics: { currentPage: 1, pageSize: ROLES.length, totalPages: 1 },
  }));

  const asRole = operation({ tag: 'Users', summary: 'Show a role', answers: { 200: ROLE, 404: 'There is no such role.' } });
  app.get<{ Params: { roleId: string } }>('/user/roles/:roleId', { ...anyAdministrator, ...asRole }, async (request, reply) => {
    const role = ROLES.find((each) => each === request.params.roleId);
    return role
      ? roleView(role, (path) => links(request, path))
      : sendProblem(reply, { status: 404, error: 'users/Not Found', message: 'There is no such role. GET /user/roles lists them.' });
  });

  const asOf = operation({ tag: 'Users', summary: 'List the roles of a user', answers: { 200: COLLECTION_OF_REFERENCES, 404: 'There is no such tenant or user.' } });
  app.get<OfUser>(PATH, { ...mayReadUsers, ...asOf }, async (request, reply) => {
    const found = await users.find(request.params.tenant, request.params.name);
    if (!found.granted) return sendRefusal(reply, found.refusal);
    const user = found.value;
    const link = (path: string): string => links(request, path);
    return { self: link(`${userPath(user.tenant, user.name)}/roles`), references: user.roles.map((role) => roleReference(user, role, link)) };
  });
}

function changeRoles(app: FastifyInstance, needs: RouteNeeds): void {
  const { links } = needs;
  const asPost = operation({
    ...{ tag: 'Users', summary: 'Give a role to a user' },
    description: 'By the link to it, or by its `id`.',
    body: { type: 'object', required: ['role'], properties: { role: { type: 'object', required: ['self'], properties: { self: { type: 'string' } } } } },
    answers: { 201: { ...REFERENCE, mayBeEmpty: true }, 404: 'There is no such tenant or user.', 412: 'The user changes at this moment.', 422: 'There is no such role.' },
  });
  app.post<OfUser>(PATH, { ...mayChangeUsers, ...asPost }, async (request, reply) => {
    const { tenant, name } = request.params;
    const role = readRole(request.body);
    if (role === undefined) return sendProblem(reply, badRequest('The body must name a role, such as {"role":{"id":"ROLE_TENANT_ADMIN"}}.'));
    const given = await changedRoles(needs, { tenant, name, by: byOf(request) }, (roles) => [...roles, role]);
    if (!given.granted) return sendRefusal(reply, given.refusal);
    const link = (path: string): string => links(request, path);
    const location = link(`${userPath(given.value.tenant, name)}/roles/${role}`);
    return answerChange(request, reply, { status: 201, location, body: roleReference(given.value, role, link) });
  });

  const asDelete = operation({
    ...{ tag: 'Users', summary: 'Take a role from a user' },
    answers: { 204: 'The user does not have it.', 404: 'There is no such tenant or user.', 409: 'It is the last who can put things right.', 412: 'The user changes at this moment.' },
  });
  app.delete<OfUserAndRole>(`${PATH}/:roleId`, { ...mayChangeUsers, ...asDelete }, async (request, reply) => {
    const { tenant, name, roleId } = request.params;
    const taken = await changedRoles(needs, { tenant, name, by: byOf(request) }, (roles) => roles.filter((each) => each !== roleId));
    return taken.granted ? reply.code(204).send() : sendRefusal(reply, taken.refusal);
  });
}

/** How often roles are read anew because the user changed between. */
const ATTEMPTS = 20;

/** By the roles that were read, and only where they still are those: of two who each give a role at the same time, neither undoes the other. */
async function changedRoles(
  { users }: Pick<RouteNeeds, 'users'>,
  { tenant, name, by }: { readonly tenant: TenantId; readonly name: string; readonly by: string },
  next: (roles: readonly string[]) => readonly string[],
): ReturnType<RouteNeeds['users']['find']> {
  for (let attempt = 1; ; attempt++) {
    const found = await users.find(tenant, name);
    if (!found.granted) return found;
    const roles = [...new Set(next(found.value.roles))];
    const changed = await users.change(tenant, name, { roles }, by, (user) => tagOf(user) === tagOf(found.value));
    if (changed.granted || changed.refusal.code !== 'access.changed-meanwhile' || attempt === ATTEMPTS) return changed;
  }
}
