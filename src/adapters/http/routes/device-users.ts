import { authorise, MAY_READ, MAY_READ_OBJECTS, ofTenantInPath } from '../authorise.ts';
import { DEVICE_USER, deviceUserView } from '../device-user-view.ts';
import { operation } from '../openapi/operation.ts';
import type { Query } from '../paging.ts';
import { sendProblem } from '../problem.ts';
import type { Routes } from '../route-needs.ts';
import type { TenantId } from '../../../domain/trust/tenant.ts';

interface OfUser {
  Params: { readonly tenant: TenantId; readonly name: string };
}

const PREFIX = 'device_';

/** The users of devices, with the certificates they were let in with (wire-contract §1.9). */
export const deviceUserRoutes: Routes = async (app, { devices, certificates, links }) => {
  const mayRead = { onRequest: [authorise(...MAY_READ, ...MAY_READ_OBJECTS, 'ROLE_DEVICE_CONTROL_ADMIN'), ofTenantInPath] };
  const showing = operation({
    tag: 'Users',
    summary: 'Show a user',
    query: { withCertificates: { type: 'string', enum: ['true', 'false'] } },
    answers: { 200: { is: 'The user.', body: DEVICE_USER }, 404: 'There is no such user.' },
  });
  app.get<OfUser>('/user/:tenant/users/:name', { ...mayRead, ...showing }, async (request, reply) => {
    const { tenant, name } = request.params;
    const found = name.startsWith(PREFIX) ? await devices.find(tenant, name.slice(PREFIX.length)) : undefined;
    if (!found?.granted) return sendProblem(reply, { status: 404, error: 'user/Not Found', message: `There is no user ${name.slice(0, 264)} in this tenant.` });
    const wanted = (request.query as Query)['withCertificates'] === 'true';
    const seen = wanted ? await certificates.seenOf(tenant, found.value.id) : undefined;
    return deviceUserView(found.value, links(request, `/user/${tenant}/users/${encodeURIComponent(name)}`), seen);
  });
};
