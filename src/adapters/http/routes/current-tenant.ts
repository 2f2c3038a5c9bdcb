import { MANAGEMENT } from '../../../domain/trust/tenant.ts';
import { principalOf } from '../authorise.ts';
import { sendRefusal } from '../problems.ts';
import type { Routes } from '../route-needs.ts';

/** Every tool asks this first: `name` is the tenant id, `domainName` what `iss` of its tokens says (wire-contract §1.4). */
export const currentTenantRoutes: Routes = async (app, { tenants, links }) => {
  app.get('/tenant/currentTenant', async (request, reply) => {
    const found = await tenants.find(principalOf(request).tenant);
    if (!found.granted) return sendRefusal(reply, found.refusal);
    return {
      self: links(request, '/tenant/currentTenant'),
      name: found.value.id,
      domainName: found.value.domain,
      allowCreateTenants: found.value.id === MANAGEMENT,
      customProperties: {},
    };
  });
};
