import type { FastifyReply, FastifyRequest } from 'fastify';
import { authoriseDevicesAnd, MAY_READ_OBJECTS } from '../authorise.ts';
import { pageOf, PAGING } from '../openapi/inventory-schemas.ts';
import { operation } from '../openapi/operation.ts';
import { pageFrame, readPaging, type Query } from '../paging.ts';
import { sendProblem } from '../problem.ts';
import type { Routes } from '../route-needs.ts';

interface OfOperation {
  Params: { readonly id: string };
}

const PATH = '/devicecontrol/operations';
const ONE = `${PATH}/:id`;
const FILTERS = ['deviceId', 'agentId', 'status', 'fragmentType', 'dateFrom', 'dateTo', 'revert', 'bulkOperationId'];

/** Operations that wait for a device: Fleetgate gives none, and agents ask for them at every start (wire-contract §5.2). */
export const operationRoutes: Routes = async (app, { links }) => {
  const onRequest = [authoriseDevicesAnd(...MAY_READ_OBJECTS, 'ROLE_DEVICE_CONTROL_ADMIN')];
  const listing = operation({
    tag: 'Inventory',
    summary: 'List operations: there are none',
    query: { ...PAGING, ...Object.fromEntries(FILTERS.map((name) => [name, { type: 'string' }])) },
    answers: { 200: { is: 'An empty page.', body: pageOf('operations', { type: 'object' }) } },
  });
  app.get(PATH, { onRequest, ...listing }, async (request, reply) => {
    const query = request.query as Query;
    const paging = readPaging(query);
    if (!paging.granted) return sendProblem(reply, paging.refusal);
    return { ...pageFrame(request, links, paging.value, { items: [], total: 0 }), operations: [] };
  });

  const one = { onRequest, ...operation({ tag: 'Inventory', summary: 'Show an operation: there are none', answers: { 404: 'There is no such operation.' } }) };
  const unknown = async ({ params: { id } }: FastifyRequest<OfOperation>, reply: FastifyReply): Promise<FastifyReply> =>
    sendProblem(reply, { status: 404, error: 'devicecontrol/Not Found', message: `Finding device data from database failed : No operation for gid '${id.slice(0, 64)}'!` });
  app.get<OfOperation>(ONE, one, unknown);
  app.put<OfOperation>(ONE, one, unknown);
};
