import { randomInt } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { MANAGEMENT, type Tenant } from '../../../domain/trust/tenant.ts';
import { answerChange } from '../answer.ts';
import { authorise, byOf, MAY_CHANGE, MAY_READ, ofManagement, ofTenantInPathOrManagement } from '../authorise.ts';
import { DRY_RUN, FORESEEN, IMPACT } from '../openapi/impact-schemas.ts';
import { operation } from '../openapi/operation.ts';
import { changed, created, IF_MATCH, LINK, pageOf, PAGING, record, TENANT_ID, TEXT, TIME, WHETHER } from '../openapi/schemas.ts';
import { etagOf, ifMatch, withEtag } from '../if-match.ts';
import { isAnswered } from '../is-answered.ts';
import { pageFrame, readPaging, type Query } from '../paging.ts';
import { badRequest, sendProblem } from '../problem.ts';
import { sendRefusal } from '../problems.ts';
import type { RouteNeeds, Routes } from '../route-needs.ts';

interface Wish {
  readonly id?: string;
  readonly domain?: string;
  readonly adminName?: string;
  readonly adminPass?: string;
}
interface OfTenant {
  Params: { readonly tenant: string };
}

const PATH = '/tenant/tenants';
const ONE = `${PATH}/:tenant`;
/** Generous: what a legal id, domain, name or password is, the desk knows. */
const text = { type: 'string', maxLength: 2048 } as const;
const wishBody = { type: 'object', properties: { id: text, domain: text, adminName: text, adminPass: text } } as const;
const statusBody = {
  type: 'object',
  required: ['status'],
  properties: { status: { type: 'string', enum: ['ACTIVE', 'SUSPENDED'] } },
} as const;

const TENANT = {
  title: 'Tenant',
  ...record({ self: LINK, id: TENANT_ID, domain: TEXT, status: { type: 'string', enum: ['ACTIVE', 'SUSPENDED'] }, creationTime: TIME, allowCreateTenants: WHETHER }),
};
const TELL = {
  list: operation({ tag: 'Tenants', summary: 'List the tenants', query: PAGING, answers: { 200: { is: 'A page.', body: pageOf('Tenants', 'tenants', TENANT) } } }),
  one: operation({ tag: 'Tenants', summary: 'A tenant', answers: { 200: { is: 'The tenant.', body: TENANT }, 404: 'There is no such tenant.' } }),
  creation: operation({
    tag: 'Tenants',
    summary: 'Create a tenant',
    description: 'Without `id` it gets one. `adminName` and `adminPass` come together and make its first administrator.',
    answers: { 201: created('The tenant.', TENANT), 409: 'There is one of this id or domain.', 422: 'The id, the domain, the name or the password is none.' },
  }),
  change: operation({
    tag: 'Tenants',
    summary: 'Suspend a tenant, or let it in again',
    headers: IF_MATCH,
    query: DRY_RUN,
    answers: { 200: changed(`The tenant. ${FORESEEN}`, { anyOf: [TENANT, IMPACT] }), 404: 'There is no such tenant.', 409: 'The management tenant stays; or the suspension was not confirmed, where the tenant wants that.', 412: 'The tenant was changed meanwhile.' },
  }),
};

const onRequest = [authorise(...MAY_CHANGE), ofManagement];

/** The tenants of the instance, for the tenant that runs it. Each tenant may look at itself. */
export const tenantRoutes: Routes = async (app, needs) => {
  readTenants(app, needs);
  changeTenants(app, needs);
};

function readTenants(app: FastifyInstance, { tenants, links }: RouteNeeds): void {
  app.get(PATH, { onRequest: [authorise(...MAY_READ), ofManagement], ...TELL.list }, async (request, reply) => {
    const paging = readPaging(request.query as Query);
    if (!paging.granted) return sendProblem(reply, paging.refusal);
    const all = await tenants.list();
    const { number, size } = paging.value;
    const items = all.slice((number - 1) * size, number * size);
    return {
      ...pageFrame(request, links, paging.value, { items, total: all.length }),
      tenants: items.map((tenant) => view(tenant, links(request, `${PATH}/${tenant.id}`))),
    };
  });

  app.get<OfTenant>(ONE, { onRequest: [authorise(...MAY_READ), ofTenantInPathOrManagement], ...TELL.one }, async (request, reply) => {
    const found = await tenants.find(request.params.tenant);
    if (!found.granted) return sendRefusal(reply, found.refusal);
    return withEtag(reply, tagOf(found.value)).send(view(found.value, links(request, `${PATH}/${found.value.id}`)));
  });
}

function changeTenants(app: FastifyInstance, needs: RouteNeeds): void {
  const { tenants, links } = needs;
  app.post<{ Body: Wish }>(PATH, { schema: { body: wishBody }, onRequest, ...TELL.creation }, async (request, reply) => {
    const { id = newId(), domain, adminName: name, adminPass: password } = request.body;
    if ((name === undefined) !== (password === undefined))
      return sendProblem(reply, badRequest('adminName and adminPass come together: send both, or neither for a tenant without administrator.'));
    const wish = {
      id,
      ...(domain !== undefined && { domain }),
      ...(name !== undefined && password !== undefined && { administrator: { name, password } }),
    };
    const created = await tenants.create(wish, byOf(request));
    if (!created.granted) return sendRefusal(reply, created.refusal);
    const self = links(request, `${PATH}/${created.value.id}`);
    return answerChange(request, reply, { status: 201, location: self, body: view(created.value, self) });
  });

  app.put<OfTenant & { Body: { readonly status: 'ACTIVE' | 'SUSPENDED' } }>(
    ONE,
    { schema: { body: statusBody }, onRequest, ...TELL.change },
    async (request, reply) => {
      const status = request.body.status === 'ACTIVE' ? 'active' : 'suspended';
      const { tenant } = request.params;
      const kind = status === 'suspended' ? 'tenant.suspend' : 'none';
      if (await isAnswered(needs, request, reply, { kind, tenant, subject: tenant })) return reply;
      const set = await tenants.setStatus(tenant, status, byOf(request), ifMatch(request, tagOf));
      if (!set.granted) return sendRefusal(reply, set.refusal);
      return answerChange(request, withEtag(reply, tagOf(set.value)), { status: 200, body: view(set.value, links(request, `${PATH}/${set.value.id}`)) });
    },
  );
}

const tagOf = ({ status }: Tenant): string => etagOf([status]);

const view = ({ id, domain, status, createdAt }: Tenant, self: string): object => ({
  self,
  id,
  domain,
  status: status === 'active' ? 'ACTIVE' : 'SUSPENDED',
  creationTime: createdAt.toISOString(),
  allowCreateTenants: id === MANAGEMENT,
});

/** Ids of the compatible platform look like this where none was asked for. */
const newId = (): string => `t${randomInt(1e9, 1e12)}`;
