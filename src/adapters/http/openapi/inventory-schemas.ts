import type { JsonSchema } from './operation.ts';

const text: JsonSchema = { type: 'string' };

/** What the OpenAPI document says of objects and what hangs on them. */
export const OBJECT: JsonSchema = {
  type: 'object',
  description: 'A managed object. Every member that is not listed is a fragment.',
  required: ['id', 'self', 'owner', 'creationTime', 'lastUpdated'],
  properties: { id: text, self: text, owner: text, type: text, name: text, creationTime: { type: 'string', format: 'date-time' }, lastUpdated: { type: 'string', format: 'date-time' } },
  additionalProperties: true,
};

export const OBJECT_WISH: JsonSchema = {
  type: 'object',
  description: 'Members that are not listed are fragments: each is replaced as a whole, null takes one away. At most 100, 16 KiB in all, 8 levels deep.',
  properties: { name: { type: 'string', maxLength: 254 }, type: { type: 'string', maxLength: 254 }, owner: { type: 'string', maxLength: 254 } },
};

export const EXTERNAL_ID: JsonSchema = {
  type: 'object',
  required: ['externalId', 'type', 'self', 'managedObject'],
  properties: { externalId: text, type: text, self: text, managedObject: { type: 'object', required: ['id'], properties: { id: text, self: text } } },
};

/** A page with its items under `member`. */
export const pageOf = (member: string, items: JsonSchema): JsonSchema => ({
  type: 'object',
  required: ['self', member, 'statistics'],
  properties: { self: text, next: text, prev: text, statistics: { type: 'object' }, [member]: { type: 'array', items } },
});

export const PAGING: Readonly<Record<string, JsonSchema>> = {
  currentPage: { type: 'integer', minimum: 1, maximum: 1_000_000 },
  pageSize: { type: 'integer', minimum: 1, maximum: 2000, default: 5 },
};
