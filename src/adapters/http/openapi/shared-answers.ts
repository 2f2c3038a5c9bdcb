import { ERROR_MEDIA_TYPE } from '../problem.ts';
import type { JsonSchema } from './operation.ts';

/** What of a route decides which answers come before its handler. */
export interface Standing {
  readonly method: string;
  readonly isProtected: boolean;
  /** It has guards of its own: `authorise` and the like. */
  readonly isGuarded: boolean;
  readonly hasParams: boolean;
}

interface Shared {
  readonly status: number;
  /** Its component. */
  readonly name: string;
  readonly is: string;
  readonly header?: readonly [string, JsonSchema];
  readonly comes: (route: Standing) => boolean;
}

const always = (): boolean => true;
const isProtected = (route: Standing): boolean => route.isProtected;
/** fastify reads the body of every other method, DELETE included. */
const mayHaveBody = ({ method }: Standing): boolean => method !== 'GET' && method !== 'HEAD';
const patience = ['Retry-After', { type: 'integer', description: 'Seconds.' }] as const;

/** The answers that handlers do not give: they come from the listener, the parser, `authenticate`, `authorise` and `onError`. */
const SHARED: readonly Shared[] = [
  { status: 400, name: 'BadRequest', is: 'The form of the request is wrong.', comes: always },
  {
    status: 401,
    name: 'Unauthorized',
    is: 'There are no credentials, or they are not good. A token that ran out or was withdrawn says `Token is terminated…`.',
    header: ['WWW-Authenticate', { type: 'string' }],
    comes: isProtected,
  },
  {
    status: 403,
    name: 'Forbidden',
    is: 'Whoever asks may not do this; or a page of another site asks (`Sec-Fetch-Site`).',
    comes: (route) => route.isProtected && (route.isGuarded || mayHaveBody(route)),
  },
  { status: 408, name: 'RequestTimeout', is: 'The request did not arrive in time.', comes: always },
  { status: 413, name: 'PayloadTooLarge', is: 'The body is too large.', comes: mayHaveBody },
  { status: 414, name: 'UriTooLong', is: 'A part of the path is longer than any name here.', comes: ({ hasParams }) => hasParams },
  { status: 415, name: 'UnsupportedMediaType', is: 'The body says that it is something that is not read here.', comes: mayHaveBody },
  { status: 429, name: 'TooManyRequests', is: 'Too many at once. Try again later.', header: patience, comes: isProtected },
  { status: 431, name: 'RequestHeaderFieldsTooLarge', is: 'The headers have more than 64 KiB.', comes: always },
  { status: 500, name: 'InternalServerError', is: 'A defect of Fleetgate.', comes: always },
  { status: 503, name: 'ServiceUnavailable', is: 'A store is out of order, or the process is about to end. Try again later.', header: patience, comes: always },
];

export const problemContent = (problem: JsonSchema): object => ({ [ERROR_MEDIA_TYPE]: { schema: problem } });

/** References to the shared answers that a route may give, by status. */
export const sharedAnswers = (route: Standing): Readonly<Record<string, object>> =>
  Object.fromEntries(SHARED.filter(({ comes }) => comes(route)).map(({ status, name }) => [status, { $ref: `#/components/responses/${name}` }]));

/** The components that they refer to. */
export const sharedResponses = (problem: JsonSchema): Readonly<Record<string, object>> =>
  Object.fromEntries(
    SHARED.map(({ name, is, header }) => [
      name,
      { description: is, ...(header && { headers: { [header[0]]: { schema: header[1] } } }), content: problemContent(problem) },
    ]),
  );
