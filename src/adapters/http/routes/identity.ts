import type { FastifyReply } from 'fastify';
import type { ExternalId } from '../../../domain/inventory/managed-object.ts';
import { answerChange } from '../answer.ts';
import { authoriseDevicesAnd, MAY_CHANGE_OBJECTS, MAY_READ_OBJECTS, principalOf } from '../authorise.ts';
import { externalIdView } from '../object-view.ts';
import { EXTERNAL_ID } from '../openapi/inventory-schemas.ts';
import { operation, type JsonSchema } from '../openapi/operation.ts';
import { badRequest, sendProblem } from '../problem.ts';
import { sendRefusal } from '../problems.ts';
import type { Routes } from '../route-needs.ts';

interface OfObject {
  Params: { readonly id: string };
}
interface OfExternalId {
  Params: ExternalId;
}

const OF_OBJECT = '/identity/globalIds/:id/externalIds';
const ONE = '/identity/externalIds/:type/:externalId';
const NONE = 'There is no such object, or it is not yours.';
const mayRead = { onRequest: [authoriseDevicesAnd(...MAY_READ_OBJECTS)] };
const mayChange = { onRequest: [authoriseDevicesAnd(...MAY_CHANGE_OBJECTS)] };
const text = { type: 'string', maxLength: 254 } as const;
const WISH: JsonSchema = { type: 'object', required: ['type', 'externalId'], properties: { type: text, externalId: text } };
const LIST: JsonSchema = { type: 'object', required: ['self', 'externalIds'], properties: { self: text, externalIds: { type: 'array', items: EXTERNAL_ID } } };

/** By which names of the world outside an object is found: every agent asks for its own by `c8y_Serial` first (wire-contract §5.1). */
export const identityRoutes: Routes = async (app, { inventory, links }) => {
  const listing = operation({ tag: 'Inventory', summary: 'List the external ids of a managed object', answers: { 200: { is: 'All of them, at most 20.', body: LIST }, 404: NONE } });
  app.get<OfObject>(OF_OBJECT, { ...mayRead, ...listing }, async (request, reply) => {
    const { id } = request.params;
    const found = await inventory.externalIdsOf(principalOf(request), id);
    if (!found.granted) return sendRefusal(reply, found.refusal);
    const externalIds = found.value.map((external) => externalIdView(external, id, (path) => links(request, path)));
    return { self: links(request, `/identity/globalIds/${id}/externalIds`), externalIds };
  });

  const adding = operation({
    tag: 'Inventory',
    summary: 'Give a managed object an external id',
    body: WISH,
    answers: { 201: { is: 'The external id.', body: EXTERNAL_ID, mayBeEmpty: true }, 404: NONE, 409: 'An object has it already.', 422: 'It cannot be one.' },
  });
  app.post<OfObject>(OF_OBJECT, { ...mayChange, ...adding }, async (request, reply) => {
    const external = externalIdIn(request.body);
    if (!external) return notOne(reply);
    const added = await inventory.addExternalId(principalOf(request), request.params.id, external);
    if (!added.granted) return sendRefusal(reply, added.refusal);
    const body = externalIdView(added.value, request.params.id, (path) => links(request, path));
    return answerChange(request, reply, { status: 201, location: (body as { self: string }).self, body });
  });

  const finding = operation({ tag: 'Inventory', summary: 'Find a managed object by an external id', answers: { 200: { is: 'Whose it is.', body: EXTERNAL_ID }, 404: NONE } });
  app.get<OfExternalId>(ONE, { ...mayRead, ...finding }, async (request, reply) => {
    const found = await inventory.findByExternalId(principalOf(request), request.params);
    return found.granted ? externalIdView(request.params, found.value.id, (path) => links(request, path)) : sendRefusal(reply, found.refusal);
  });

  const taking = operation({ tag: 'Inventory', summary: 'Take an external id away', answers: { 204: 'It is free.', 404: NONE } });
  app.delete<OfExternalId>(ONE, { ...mayChange, ...taking }, async (request, reply) => {
    const removed = await inventory.removeExternalId(principalOf(request), request.params);
    return removed.granted ? reply.code(204).send() : sendRefusal(reply, removed.refusal);
  });
};

function externalIdIn(body: unknown): ExternalId | undefined {
  const { type, externalId } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  return typeof type === 'string' && typeof externalId === 'string' ? { type, externalId } : undefined;
}

const notOne = (reply: FastifyReply): FastifyReply =>
  sendProblem(reply, badRequest('The body must be an external id: {"type":"c8y_Serial","externalId":"press-7"}.'));
