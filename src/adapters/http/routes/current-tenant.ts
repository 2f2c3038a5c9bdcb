import { MANAGEMENT } from '../../../domain/trust/tenant.ts';
import { principalOf } from '../authorise.ts';
import { sendRefusal } from '../problems.ts';
import { operation } from '../openapi/operation.ts';
import { LINK, record, TENANT_ID, TEXT, WHETHER } from '../openapi/schemas.ts';
import type { Routes } from '../route-needs.ts';

const CURRENT_TENANT = {
  title: 'CurrentTenant',
  ...record({ self: LINK, name: TENANT_ID, domainName: TEXT, allowCreateTenants: WHETHER, customProperties: { type: 'object' } }),
};

const ofCurrentTenant = operation({
  tag: 'Tenants',
  summary: 'The tenant of whoever asks',
  answers: { 200: { is: '`name` is its id, `domainName` what `iss` of its tokens says.', body: CURRENT_TENANT }, 404: 'The tenant is there no more.' },
});

/** Every tool asks this first: `name` is the tenant id, `domainName` what `iss` of its tokens says (wire-contract §1.4). */
export const currentTenantRoutes: Routes = async (app, { tenants, links }) => {
  app.get('/tenant/currentTenant', ofCurrentTenant, async (request, reply) => {
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
