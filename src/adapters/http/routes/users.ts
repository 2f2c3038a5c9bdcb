import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DEVICE_PREFIX } from '../../../domain/access/administrator-rules.ts';
import type { TenantId } from '../../../domain/trust/tenant.ts';
import type { User } from '../../../ports/driving/user-desk.ts';
import { answerChange } from '../answer.ts';
import { authorise, byOf, eitherOf, MAY_READ, MAY_READ_OBJECTS, ofTenantInPath, ofTenantInPathOrManagement } from '../authorise.ts';
import { deviceUserView } from '../device-user-view.ts';
import { etagOf, ifMatch, withEtag } from '../if-match.ts';
import { operation } from '../openapi/operation.ts';
import { IF_MATCH } from '../openapi/schemas.ts';
import { pageFrame, readPaging, type Query } from '../paging.ts';
import { badRequest, sendProblem } from '../problem.ts';
import { sendRefusal } from '../problems.ts';
import { readNewUser, readUserWish } from '../read-user.ts';
import type { RouteNeeds, Routes } from '../route-needs.ts';
import { userPath, userState, userView } from '../user-view.ts';
import { COLLECTION_OF_USERS, NEW_USER, USER, USER_FILTERS, USER_WISH, YES_OR_NO } from '../openapi/user-schemas.ts';

interface OfTenant {
  Params: { readonly tenant: TenantId };
}
interface OfUser {
  Params: { readonly tenant: TenantId; readonly name: string };
}

const LIST = '/user/:tenant/users';
const ONE = `${LIST}/:name`;
const FILTERS = ['username', 'userName', 'onlyDevices'];
export const mayReadUsers = { onRequest: [authorise(...MAY_READ), ofTenantInPathOrManagement] };
const isOfDevice = ({ params }: FastifyRequest): boolean => (params as OfUser['Params']).name.startsWith(DEVICE_PREFIX);
/** Whoever sees a tenant's devices sees their users too; not by way of the management tenant, as little as the devices themselves. */
const mayReadOne = {
  onRequest: [eitherOf(isOfDevice, [authorise(...MAY_READ, ...MAY_READ_OBJECTS, 'ROLE_DEVICE_CONTROL_ADMIN'), ofTenantInPath], mayReadUsers.onRequest)],
};
export const mayChangeUsers = { onRequest: [authorise('ROLE_TENANT_ADMIN'), ofTenantInPathOrManagement] };

/** Who administers a tenant (D-30). Users of devices are shown, and changed by way of the device. */
export const userRoutes: Routes = async (app, needs) => {
  readUsers(app, needs);
  makeUsers(app, needs);
  changeUsers(app, needs);
};

const viewOf = ({ links }: RouteNeeds, request: FastifyRequest, user: User): object => userView(user, (path) => links(request, path));
export const tagOf = (user: User): string => etagOf(userState(user));

/** Answers a change with the user as it is now. */
export const answerUser = (needs: RouteNeeds, request: FastifyRequest, reply: FastifyReply, user: User): FastifyReply =>
  answerChange(request, withEtag(reply, tagOf(user)), { status: 200, body: viewOf(needs, request, user) });

function readUsers(app: FastifyInstance, needs: RouteNeeds): void {
  const { users, links } = needs;
  const asList = operation({ tag: 'Users', summary: 'List the users of a tenant', query: USER_FILTERS, answers: { 200: COLLECTION_OF_USERS, 404: 'There is no such tenant.' } });
  app.get<OfTenant>(LIST, { ...mayReadUsers, ...asList }, async (request, reply) => {
    const query = request.query as Query;
    const paging = readPaging(query);
    if (!paging.granted) return sendProblem(reply, paging.refusal);
    const prefix = query['username'] ?? query['userName'] ?? '';
    if (typeof prefix !== 'string') return sendProblem(reply, badRequest('The query parameter username must be the beginning of a user name. Send it once.'));
    const found = await users.list(request.params.tenant, prefix, paging.value);
    if (!found.granted) return sendRefusal(reply, found.refusal);
    // Users of devices are listed as devices: none of those here is one.
    const page = query['onlyDevices'] === 'true' ? { items: [], total: 0 } : found.value;
    return { ...pageFrame(request, links, paging.value, page, FILTERS), users: page.items.map((user) => viewOf(needs, request, user)) };
  });

  const asOne = operation({
    ...{ tag: 'Users', summary: 'Show a user, or the user of a device', query: { withCertificates: YES_OR_NO } },
    description: 'Of a device, `withCertificates=true` adds the five certificates that it came with last.',
    answers: { 200: USER, 404: 'There is no such tenant or user.' },
  });
  app.get<OfUser>(ONE, { ...mayReadOne, ...asOne }, async (request, reply) => {
    const { tenant, name } = request.params;
    if (name.startsWith(DEVICE_PREFIX)) {
      const user = await deviceUserOf(needs, request);
      return user ?? unknownUser(reply, name);
    }
    const found = await users.find(tenant, name);
    if (!found.granted) return sendRefusal(reply, found.refusal);
    return withEtag(reply, tagOf(found.value)).send(viewOf(needs, request, found.value));
  });
}

async function deviceUserOf({ devices, certificates, links }: RouteNeeds, request: FastifyRequest<OfUser>): Promise<object | undefined> {
  const { tenant, name } = request.params;
  const device = await devices.find(tenant, name.slice(DEVICE_PREFIX.length));
  if (!device.granted) return undefined;
  const wanted = (request.query as Query)['withCertificates'] === 'true';
  const seen = wanted ? await certificates.seenOf(tenant, device.value.id) : undefined;
  return deviceUserView(device.value, (path) => links(request, path), seen);
}

function makeUsers(app: FastifyInstance, needs: RouteNeeds): void {
  const asPost = operation({
    ...{ tag: 'Users', summary: 'Make a user', body: NEW_USER },
    answers: { 201: { ...USER, mayBeEmpty: true }, 404: 'There is no such tenant.', 409: 'The name is taken.', 422: 'Name, password, a text or a role cannot be used.' },
  });
  app.post<OfTenant>(LIST, { ...mayChangeUsers, ...asPost }, async (request, reply) => {
    const named = readNewUser(request.body);
    if (!named.granted) return sendProblem(reply, named.refusal);
    const wish = readUserWish(request.body);
    if (!wish.granted) return sendProblem(reply, wish.refusal);
    const made = await needs.users.add(request.params.tenant, { ...wish.value, ...named.value }, byOf(request));
    if (!made.granted) return sendRefusal(reply, made.refusal);
    const location = needs.links(request, userPath(made.value.tenant, made.value.name));
    return answerChange(request, withEtag(reply, tagOf(made.value)), { status: 201, location, body: viewOf(needs, request, made.value) });
  });
}

function changeUsers(app: FastifyInstance, needs: RouteNeeds): void {
  const { users } = needs;
  const gone = { 404: 'There is no such tenant or user.', 409: 'It is the last who can put things right.', 412: 'The user was changed meanwhile.' };
  const asPut = operation({
    ...{ tag: 'Users', summary: 'Change a user: whatever is given', headers: IF_MATCH, body: USER_WISH },
    answers: { 200: { ...USER, mayBeEmpty: true }, ...gone, 422: 'A password, a text or a role cannot be used.' },
  });
  app.put<OfUser>(ONE, { ...mayChangeUsers, ...asPut }, async (request, reply) => {
    const { tenant, name } = request.params;
    if (name.startsWith(DEVICE_PREFIX)) return sendRefusal(reply, { code: 'access.device-user' });
    const wish = readUserWish(request.body);
    if (!wish.granted) return sendProblem(reply, wish.refusal);
    const changed = await users.change(tenant, name, wish.value, byOf(request), ifMatch(request, tagOf));
    return changed.granted ? answerUser(needs, request, reply, changed.value) : sendRefusal(reply, changed.refusal);
  });

  const asDelete = operation({ tag: 'Users', summary: 'Remove a user', headers: IF_MATCH, answers: { 204: 'Removed.', ...gone, 422: 'It is the user of a device.' } });
  app.delete<OfUser>(ONE, { ...mayChangeUsers, ...asDelete }, async (request, reply) => {
    const { tenant, name } = request.params;
    if (name.startsWith(DEVICE_PREFIX)) return sendRefusal(reply, { code: 'access.device-user' });
    const removed = await users.remove(tenant, name, byOf(request), ifMatch(request, tagOf));
    return removed.granted ? reply.code(204).send() : sendRefusal(reply, removed.refusal);
  });
}

const unknownUser = (reply: FastifyReply, name: string): FastifyReply =>
  sendRefusal(reply, { code: 'access.unknown-user', evidence: { user: name.slice(0, 64) } });
