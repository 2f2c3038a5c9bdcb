import type { Answer, JsonSchema } from './operation.ts';

/** Shapes that several operations share. A schema with a title is a component of the document (`components.ts`). */

export const TEXT: JsonSchema = { type: 'string' };
export const WHETHER: JsonSchema = { type: 'boolean' };
/** RFC 3339 in UTC with milliseconds. */
export const TIME: JsonSchema = { type: 'string', format: 'date-time' };
/** An absolute URL. */
export const LINK: JsonSchema = { type: 'string', format: 'uri' };
/** SHA-1 of the DER, in lower case. */
export const FINGERPRINT: JsonSchema = { type: 'string', pattern: '^[0-9a-f]{40}$' };
export const TENANT_ID: JsonSchema = { type: 'string', examples: ['t07007007'] };

/** An object with these members, all of them there but those named `optional`. */
export const record = (properties: Readonly<Record<string, JsonSchema>>, { optional = [] }: { readonly optional?: readonly string[] } = {}): JsonSchema => ({
  type: 'object',
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  properties,
});

/** A list of items of one kind. */
export const list = (items: JsonSchema): JsonSchema => ({ type: 'array', items });

/** Every error answer (wire-contract §1.5). */
export const PROBLEM: JsonSchema = {
  title: 'Problem',
  description: 'An error. `details` stands there where a rule refused; clients of the compatible API ignore it.',
  ...record(
    {
      error: { type: 'string', description: 'Where and what; in a few answers of the compatible API what alone.', pattern: '^[A-Za-z() ]+(/[A-Za-z ]+)?$', examples: ['security/Forbidden'] },
      message: { type: 'string', description: 'What is wrong and what helps, for people.' },
      info: LINK,
      details: {
        type: 'object',
        description: 'The rule: its `code`, what it `requires`, the document it `cites`, the `remedy`, and `evidence` from what was sent.',
        properties: { code: { type: 'string', examples: ['anchor.not-a-ca'] }, depth: { type: 'integer', minimum: 0 }, requires: TEXT, cites: TEXT, remedy: TEXT, evidence: { type: 'object' } },
        additionalProperties: true,
      },
    },
    { optional: ['details'] },
  ),
};

const count: JsonSchema = { type: 'integer', minimum: 0 };

const STATISTICS: JsonSchema = {
  title: 'Statistics',
  ...record({ currentPage: count, pageSize: count, totalPages: count, totalElements: count }, { optional: ['totalPages', 'totalElements'] }),
};

/** A page of a list, as `pageFrame` makes it. `title` is the name of the component. */
export const pageOf = (title: string, member: string, item: JsonSchema): JsonSchema => ({
  title,
  ...record({ self: LINK, next: LINK, prev: LINK, statistics: STATISTICS, [member]: list(item) }, { optional: ['next', 'prev'] }),
});

const whole = (largest: number, otherwise: number): JsonSchema => ({ type: 'integer', minimum: 1, maximum: largest, default: otherwise });

/** The query of a list, as `readPaging` reads it. */
export const PAGING: Readonly<Record<string, JsonSchema>> = {
  currentPage: whole(1_000_000, 1),
  pageSize: whole(2000, 5),
  withTotalPages: { type: 'boolean', description: 'Adds `totalPages` to the statistics.' },
  withTotalElements: { type: 'boolean', description: 'Adds `totalElements` to the statistics.' },
};

/** What was made, by `answerChange`. */
export const created = (is: string, body: JsonSchema): Answer => ({ is, body, mayBeEmpty: true, headers: { location: LINK } });

/** What was changed, by `answerChange`. */
export const changed = (is: string, body: JsonSchema): Answer => ({ is, body, mayBeEmpty: true });

/** Headers of a change, as `ifMatch` reads them. */
export const IF_MATCH: Readonly<Record<string, JsonSchema>> = {
  'if-match': { type: 'string', description: 'The ETag of the state that is meant to be changed, or *. Another state: 412.' },
};
