import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ManagedObject } from '../../../domain/inventory/managed-object.ts';
import type { ObjectFilter } from '../../../ports/driven/object-store.ts';
import { answerChange } from '../answer.ts';
import { authoriseDevicesAnd, MAY_CHANGE_OBJECTS, MAY_READ_OBJECTS, principalOf } from '../authorise.ts';
import { OBJECTS, objectView, pathOfObject, readObjectWish, type Absolute } from '../object-view.ts';
import { OBJECT, OBJECT_WISH, pageOf, PAGING } from '../openapi/inventory-schemas.ts';
import { operation } from '../openapi/operation.ts';
import { pageFrame, readPaging, type Query } from '../paging.ts';
import { sendProblem } from '../problem.ts';
import { sendRefusal } from '../problems.ts';
import { FILTERS, readObjectFilter } from '../read-object-filter.ts';
import type { RouteNeeds, Routes } from '../route-needs.ts';

interface OfObject {
  Params: { readonly id: string };
}

const ONE = `${OBJECTS}/:id`;
const NONE = 'There is no such object, or it is not yours.';
const LARGE = 'The object breaks a bound.';
const mayRead = { onRequest: [authoriseDevicesAnd(...MAY_READ_OBJECTS)] };
const mayChange = { onRequest: [authoriseDevicesAnd(...MAY_CHANGE_OBJECTS)] };
const text = { type: 'string' } as const;

/** Managed objects: what agents and onboarding tools read and write first (wire-contract §5.4). */
export const inventoryRoutes: Routes = async (app, needs) => {
  readObjects(app, needs);
  changeObjects(app, needs);
};

function readObjects(app: FastifyInstance, { inventory, links }: RouteNeeds): void {
  const listing = operation({
    tag: 'Inventory',
    summary: 'List managed objects',
    description: 'In the order of their ids. Filters add up; `ids` stands alone.',
    query: { ...PAGING, type: text, owner: text, fragmentType: text, text, ids: text, withTotalPages: text, withTotalElements: text },
    answers: { 200: { is: 'A page.', body: pageOf('managedObjects', OBJECT) } },
  });
  app.get(OBJECTS, { ...mayRead, ...listing }, async (request, reply) => {
    const query = request.query as Query;
    const paging = readPaging(query);
    if (!paging.granted) return sendProblem(reply, paging.refusal);
    const filter = readObjectFilter(query);
    if (!filter.granted) return sendProblem(reply, filter.refusal);
    const { number, size } = paging.value;
    const { ids, ...fitting } = filter.value;
    const all = ids && (await inventory.findAll(principalOf(request), ids));
    const counted = query['withTotalPages'] === 'true' || query['withTotalElements'] === 'true';
    const page = all
      ? { items: all.slice((number - 1) * size, number * size), total: all.length }
      : await inventory.list(principalOf(request), fitting satisfies ObjectFilter, paging.value, counted);
    const absolute: Absolute = (path) => links(request, path);
    return { ...pageFrame(request, links, paging.value, page, FILTERS), managedObjects: page.items.map((object) => objectView(object, absolute)) };
  });

  const showing = operation({ tag: 'Inventory', summary: 'Show a managed object', answers: { 200: { is: 'The object.', body: OBJECT }, 404: NONE } });
  app.get<OfObject>(ONE, { ...mayRead, ...showing }, async (request, reply) => {
    const found = await inventory.find(principalOf(request), request.params.id);
    return found.granted ? objectView(found.value, (path) => links(request, path)) : sendRefusal(reply, found.refusal);
  });

  const user = { type: 'object', required: ['self', 'userName'], properties: { self: text, userName: text } } as const;
  const telling = operation({ tag: 'Inventory', summary: 'Tell whose a managed object is', answers: { 200: { is: 'Its user.', body: user }, 404: NONE } });
  app.get<OfObject>(`${ONE}/user`, { ...mayRead, ...telling }, async (request, reply) => {
    const found = await inventory.find(principalOf(request), request.params.id);
    if (!found.granted) return sendRefusal(reply, found.refusal);
    return { self: links(request, pathOfObject(found.value.id, 'user')), userName: found.value.owner };
  });
}

function changeObjects(app: FastifyInstance, { inventory, links }: RouteNeeds): void {
  const answer = answerWith(links);
  const creating = operation({
    tag: 'Inventory',
    summary: 'Create a managed object',
    description: 'A device owns what it creates. An administrator may name another owner.',
    body: OBJECT_WISH,
    answers: { 201: { is: 'The object.', body: OBJECT, mayBeEmpty: true }, 422: LARGE },
  });
  app.post(OBJECTS, { ...mayChange, ...creating }, async (request, reply) => {
    const wish = readObjectWish(request.body);
    if (!wish.granted) return sendProblem(reply, wish.refusal);
    const created = await inventory.create(principalOf(request), wish.value);
    return created.granted ? answer(request, reply, created.value, 201) : sendRefusal(reply, created.refusal);
  });

  const changing = operation({
    tag: 'Inventory',
    summary: 'Change a managed object',
    description: 'What is not sent stays. A device may not change the owner.',
    body: OBJECT_WISH,
    answers: { 200: { is: 'The object as it is now.', body: OBJECT, mayBeEmpty: true }, 404: NONE, 409: 'The object changed too often at this moment.', 422: LARGE },
  });
  app.put<OfObject>(ONE, { ...mayChange, ...changing }, async (request, reply) => {
    const wish = readObjectWish(request.body);
    if (!wish.granted) return sendProblem(reply, wish.refusal);
    const changed = await inventory.change(principalOf(request), request.params.id, wish.value);
    return changed.granted ? answer(request, reply, changed.value, 200) : sendRefusal(reply, changed.refusal);
  });

  const removing = operation({
    tag: 'Inventory',
    summary: 'Delete a managed object',
    description: 'With its external ids. What stands below it stays.',
    answers: { 204: 'It is gone.', 404: NONE },
  });
  app.delete<OfObject>(ONE, { ...mayChange, ...removing }, async (request, reply) => {
    const removed = await inventory.remove(principalOf(request), request.params.id);
    return removed.granted ? reply.code(204).send() : sendRefusal(reply, removed.refusal);
  });
}

const answerWith =
  (links: RouteNeeds['links']) =>
  (request: FastifyRequest, reply: FastifyReply, object: ManagedObject, status: 200 | 201): FastifyReply => {
    const location = links(request, pathOfObject(object.id));
    return answerChange(request, reply, { status, ...(status === 201 && { location }), body: objectView(object, (path) => links(request, path)) });
  };
