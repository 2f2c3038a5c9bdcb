import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Refusal } from '../../domain/refusal.ts';
import type { Evidence } from '../../domain/shared/refusal-of.ts';

/** An error answer in the one form that every client knows (wire-contract §1.5). */
export interface Problem {
  readonly status: number;
  /** `<area>/<kind>`. */
  readonly error: string;
  readonly message: string;
  /** For a refusal of ours: its code, place, rule, remedy and evidence. Clients of the compatible API ignore it. */
  readonly details?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a refusal means at the HTTP API. Without a `message` of its own it is told in the words of `sentenceOf`. */
export interface ProblemRow {
  readonly status: number;
  readonly error: string;
  readonly message?: (evidence: Evidence, refusal: Refusal) => string;
  readonly headers?: Headers | ((evidence: Evidence) => Headers);
}
type Headers = Readonly<Record<string, string>>;

export const ERROR_MEDIA_TYPE = 'application/vnd.com.nsn.cumulocity.error+json';
const INFO = 'https://www.cumulocity.com/guides/reference-guide/#error_reporting';

/** The body of the answer, as text. */
export const problemBody = ({ error, message, details }: Problem): string =>
  JSON.stringify({ error, message, info: INFO, ...(details && { details }) });

/** As what each answer was refused, for whoever counts. */
const sent = new WeakMap<FastifyReply, Problem>();

export const problemIn = (reply: FastifyReply): Problem | undefined => sent.get(reply);

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  sent.set(reply, problem);
  return reply
    .code(problem.status)
    .headers({ ...problem.headers })
    .header('content-type', ERROR_MEDIA_TYPE)
    .send(Buffer.from(problemBody(problem))); // fastify would add a charset to text
}

/** The request itself is wrong: its form, not what it asks for. */
export const badRequest = (message: string): Problem => ({ status: 400, error: 'general/Bad Request', message });

export const FORBIDDEN: Problem = { status: 403, error: 'security/Forbidden', message: 'Access is denied.' };

/** Browser clients ask for a scheme that their browser does not know, so that it opens no window of its own (wire-contract §1.4). */
export const basicChallenge = (request: FastifyRequest): string =>
  `${/^true$/i.test(String(request.headers['usexbasic'])) ? 'XBasic' : 'Basic'} realm="Cumulocity"`;

/** A certificate alone is no login but for a device token (wire-contract §3.4). */
export const fullAuthentication = (request: FastifyRequest): Problem => ({
  status: 401,
  error: 'security/Unauthorized',
  message: 'Full authentication is required to access this resource',
  headers: { 'www-authenticate': basicChallenge(request) },
});
