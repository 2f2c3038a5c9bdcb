import type { ChildKind } from '../../../domain/inventory/managed-object.ts';
import { CHILD_KINDS } from '../../../domain/inventory/managed-object.ts';
import { answerChange } from '../answer.ts';
import { authoriseDevicesAnd, MAY_CHANGE_OBJECTS, MAY_READ_OBJECTS, principalOf } from '../authorise.ts';
import { OBJECTS, pathOfObject, referenceView, type Absolute } from '../object-view.ts';
import { OBJECT, pageOf, PAGING } from '../openapi/inventory-schemas.ts';
import { operation, type JsonSchema } from '../openapi/operation.ts';
import { pageFrame, readPaging, type Query } from '../paging.ts';
import { badRequest, sendProblem } from '../problem.ts';
import { sendRefusal } from '../problems.ts';
import type { Routes } from '../route-needs.ts';

interface OfObject {
  Params: { readonly id: string };
}

const NONE = 'There is no such object, or it is not yours.';
const REFERENCE: JsonSchema = { type: 'object', required: ['self', 'managedObject'], properties: { self: { type: 'string' }, managedObject: OBJECT } };
const WISH: JsonSchema = {
  type: 'object',
  required: ['managedObject'],
  properties: { managedObject: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } } },
};

/** What stands below an object: devices behind a gateway, members of a group, parts. */
export const objectChildRoutes: Routes = async (app, { inventory, links }) => {
  for (const kind of CHILD_KINDS) {
    const path = `${OBJECTS}/:id/${kind}`;
    const listing = operation({
      tag: 'Inventory',
      summary: `List the ${WORDS[kind]} of a managed object`,
      query: PAGING,
      answers: { 200: { is: 'A page.', body: pageOf('references', REFERENCE) }, 404: NONE },
    });
    app.get<OfObject>(path, { onRequest: [authoriseDevicesAnd(...MAY_READ_OBJECTS)], ...listing }, async (request, reply) => {
      const paging = readPaging(request.query as Query);
      if (!paging.granted) return sendProblem(reply, paging.refusal);
      const found = await inventory.childrenOf(principalOf(request), request.params.id, kind, paging.value);
      if (!found.granted) return sendRefusal(reply, found.refusal);
      const absolute: Absolute = (to) => links(request, to);
      // How many there are is not counted: `next` tells whether there are more.
      const frame = pageFrame(request, links, paging.value, found.value);
      return { ...frame, references: found.value.items.map((child) => referenceView(child, request.params.id, kind, absolute)) };
    });

    const adding = operation({
      tag: 'Inventory',
      summary: `Add one of the ${WORDS[kind]} to a managed object`,
      body: WISH,
      answers: { 201: { is: 'The reference.', body: REFERENCE, mayBeEmpty: true }, 404: NONE, 422: 'An object is no child of itself.' },
    });
    app.post<OfObject>(path, { onRequest: [authoriseDevicesAnd(...MAY_CHANGE_OBJECTS)], ...adding }, async (request, reply) => {
      const child = childIn(request.body);
      if (child === undefined) return sendProblem(reply, badRequest('The body must name the child: {"managedObject":{"id":"…"}}. Create it first by POST /inventory/managedObjects.'));
      const added = await inventory.addChild(principalOf(request), request.params.id, kind, child);
      if (!added.granted) return sendRefusal(reply, added.refusal);
      const body = referenceView(added.value, request.params.id, kind, (to) => links(request, to));
      return answerChange(request, reply, { status: 201, location: links(request, pathOfObject(request.params.id, kind, added.value.id)), body });
    });
  }
};

const WORDS: Readonly<Record<ChildKind, string>> = { childDevices: 'child devices', childAssets: 'child assets', childAdditions: 'child additions' };

function childIn(body: unknown): string | undefined {
  const { managedObject } = (typeof body === 'object' && body !== null ? body : {}) as { managedObject?: { id?: unknown } | null };
  const id = typeof managedObject === 'object' && managedObject !== null ? managedObject.id : undefined;
  // Some clients write ids as numbers, which they are.
  if (typeof id === 'number' && Number.isSafeInteger(id)) return String(id);
  return typeof id === 'string' ? id : undefined;
}
