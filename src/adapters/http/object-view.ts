import { CHILD_KINDS, type ChildKind, type ExternalId, type Fragments, type ManagedObject } from '../../domain/inventory/managed-object.ts';
import { NO_FRAGMENTS } from '../../domain/inventory/object-rules.ts';
import { grant, refuse, type Decision } from '../../domain/shared/decision.ts';
import type { ObjectWish } from '../../ports/driving/inventory-desk.ts';
import { badRequest, type Problem } from './problem.ts';

export const OBJECTS = '/inventory/managedObjects';

/** Makes an absolute URL of a path. */
export type Absolute = (path: string) => string;

export const pathOfObject = (id: string, ...below: readonly string[]): string => [OBJECTS, id, ...below].join('/');

/** An object in the members of the compatible API: fragments stand beside them. Members that have no value are left out. */
export const objectView = ({ id, owner, type, name, creationTime, lastUpdated, fragments }: ManagedObject, absolute: Absolute): object => ({
  ...fragments,
  id,
  self: absolute(pathOfObject(id)),
  owner,
  ...(type !== '' && { type }),
  ...(name !== '' && { name }),
  creationTime: creationTime.toISOString(),
  lastUpdated: lastUpdated.toISOString(),
  ...Object.fromEntries(CHILD_KINDS.map((kind) => [kind, { self: absolute(pathOfObject(id, kind)) }])),
});

export const referenceView = (child: ManagedObject, parent: string, kind: ChildKind, absolute: Absolute): object => ({
  self: absolute(pathOfObject(parent, kind, child.id)),
  managedObject: objectView(child, absolute),
});

export const externalIdView = ({ type, externalId }: ExternalId, object: string, absolute: Absolute): object => ({
  self: absolute(`/identity/externalIds/${encodeURIComponent(type)}/${encodeURIComponent(externalId)}`),
  externalId,
  type,
  managedObject: { id: object, self: absolute(pathOfObject(object)) },
});

/** What a body asks of an object. Members that are the server's own are ignored. */
export function readObjectWish(body: unknown): Decision<ObjectWish, Problem> {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return refuse(badRequest('The body must be a managed object, such as {"name":"Press 7","type":"press","c8y_IsDevice":{}}.'));
  const { name, type, owner, ...members } = body as Record<string, unknown>;
  for (const [member, value] of Object.entries({ name, type, owner })) {
    if (value !== undefined && typeof value !== 'string') return refuse(badRequest(`${member} must be a text. Send "" for none, or leave it out.`));
  }
  const fragments = Object.fromEntries(Object.entries(members).filter(([member]) => !NO_FRAGMENTS.has(member))) as Fragments;
  const texts = Object.fromEntries(Object.entries({ name, type, owner }).filter(([, value]) => value !== undefined));
  return grant({ ...texts, fragments });
}
