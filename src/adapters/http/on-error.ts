import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from '../../ports/driven/log.ts';
import { badRequest, fullAuthentication, sendProblem, type Problem } from './problem.ts';
import type { RouteNeeds } from './route-needs.ts';

type Thrown = Partial<FastifyError> | Partial<Problem> | undefined;

/** Turns whatever a handler, a parser or fastify threw into an answer. Only what is nobody's mistake outside is logged. */
export const onError =
  (log: Log) =>
  (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const thrown = error as Thrown;
    if (isProblem(thrown)) return sendProblem(reply, thrown);
    const status = thrown && 'statusCode' in thrown ? (thrown.statusCode ?? 500) : 500;
    if (status >= 400 && status < 500) return sendProblem(reply, clientMistake(thrown as Partial<FastifyError>, status));
    if (isOverload(error)) return sendProblem(reply, TOO_MANY);
    log.error({ error, method: request.method, route: routeOf(request) }, 'a request could not be answered');
    return sendProblem(reply, isDefect(error) ? DEFECT : OUT_OF_ORDER);
  };

/** The pattern of the route, never the path itself: it may name devices, and what people mistype is theirs. */
export const routeOf = (request: FastifyRequest): string => request.routeOptions.url ?? 'none';

/** Whoever shows a certificate and nothing else is told on every path but one that this is no login (wire-contract §3.4). */
export const notFound =
  (peerOf: RouteNeeds['peerOf']) =>
  (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
    sendProblem(reply, request.headers.authorization === undefined && peerOf(request) ? fullAuthentication(request) : NOT_FOUND);

const NOT_FOUND: Problem = {
  status: 404,
  error: 'general/Not Found',
  message: 'Nothing is served under this path and method. What is served is told under /openapi, and for programs under /openapi.json.',
};

const isProblem = (thrown: Thrown): thrown is Problem =>
  thrown !== undefined && !(thrown instanceof Error) && 'status' in thrown && 'message' in thrown;

const WORDS: Readonly<Record<number, Omit<Problem, 'status'>>> = {
  413: { error: 'general/Payload Too Large', message: 'The body is larger than this route takes: 1 MiB, or what FLEETGATE_BULK_MAX_BYTES says for a bulk file.' },
  414: { error: 'general/URI Too Long', message: 'A part of the path is longer than any name here can be.' },
};

function clientMistake({ validation, code, message = '' }: Partial<FastifyError>, status: number): Problem {
  // Validation names the member and what it should be, never its value.
  if (validation) return badRequest(`${message}${allowedIn(validation)}. Correct the request; unknown members are ignored.`);
  if (code === 'FST_ERR_BAD_URL') return badRequest('The path is not a legal URL: check its percent-encoding.');
  return { status, error: 'general/Bad Request', message, ...WORDS[status] };
}

function allowedIn(validation: NonNullable<FastifyError['validation']>): string {
  const allowed = validation[0]?.params['allowedValues'];
  return Array.isArray(allowed) ? `: ${allowed.join(', ')}` : '';
}

/** More passwords are to be checked than can be (R11): no fault of the store, and no line of the log for each. */
const isOverload = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'password-checks-overloaded';

const TOO_MANY: Problem = {
  status: 429,
  error: 'security/Too Many Requests',
  message: 'Too many passwords are being checked at this moment. Try again in a few seconds.',
  headers: { 'retry-after': '5' },
};

/** A fault in this program, against a store or a key ring that is out of order: only the latter heals by waiting. */
const isDefect = (error: unknown): boolean =>
  error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError || error instanceof SyntaxError;

const DEFECT: Problem = {
  status: 500,
  error: 'general/Internal Server Error',
  message: 'Fleetgate made a mistake. The log of the server says more at this time.',
};

const OUT_OF_ORDER: Problem = {
  status: 503,
  error: 'general/Service Unavailable',
  message: 'Fleetgate is out of order for the moment. Try again; the log of the server says more at this time.',
  headers: { 'retry-after': '5' },
};
