import type { FastifyRequest } from 'fastify';
import type { Refusal } from '../../../domain/refusal.ts';
import { grant, refuse, type Decision } from '../../../domain/shared/decision.ts';
import { MANAGEMENT, type TenantId } from '../../../domain/trust/tenant.ts';
import type { LiveExplainQuestion } from '../../../ports/driving/live-explain-desk.ts';
import { authorise, MAY_READ, principalOf } from '../authorise.ts';
import { chainProblemOf } from '../chain-problems.ts';
import { EXPLANATION, explanationView } from '../explanation-view.ts';
import { operation } from '../openapi/operation.ts';
import { record, TEXT } from '../openapi/schemas.ts';
import { badRequest, FORBIDDEN, sendProblem, type Problem } from '../problem.ts';
import { problemOf } from '../problems.ts';
import { readTime } from '../read-time.ts';
import type { RouteNeeds, Routes } from '../route-needs.ts';

const PATH = '/fleetgate/explain';
/** Characters of what a device might send in its CONNECT. */
const LONGEST = 1024;
const TEXTS = ['clientId', 'userName', 'serverName'] as const;

const about = operation({
  tag: 'Trust',
  summary: 'Explain what the gate would answer to a chain',
  description:
    'Every rule of the gate is asked, without stopping at the first that is broken (D-47). Nobody is registered and nothing is kept. ' +
    'Tenants hear of their own trust; the management tenant of that of the tenant that it names, or of all.',
  body: record(
    {
      chain: { type: 'string', description: 'PEM, the device’s certificate first; text between the certificates is passed over. Never a private key.' },
      at: { type: 'string', format: 'date-time', description: 'As if it were that time; what is trusted and registered is as it is now.' },
      clientId: { type: 'string', maxLength: LONGEST },
      userName: { type: 'string', maxLength: LONGEST, description: 'Of the CONNECT: it may choose among several tenants.' },
      serverName: { type: 'string', maxLength: LONGEST, description: 'Of the TLS handshake.' },
      tenant: TEXT,
    },
    { optional: ['at', ...TEXTS, 'tenant'] },
  ),
  answers: { 200: { is: 'The explanation, whatever the verdict.', body: EXPLANATION }, 404: 'There is no such tenant.', 422: 'The chain holds something else than certificates, such as a private key.' },
});

/** Ours: why a device is refused, and what to do about it. */
export const explainRoutes: Routes = async (app, needs) => {
  app.post(PATH, { onRequest: [authorise(...MAY_READ)], ...about }, async (request, reply) => {
    const question = await readQuestion(request, needs);
    if (!question.granted) return sendProblem(reply, question.refusal);
    return explanationView(await needs.explaining.explain(question.value));
  });
};

async function readQuestion(request: FastifyRequest, { decoder, tenants }: RouteNeeds): Promise<Decision<LiveExplainQuestion, Problem>> {
  const body = request.body as Readonly<Record<string, unknown>> | null | undefined;
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  if (!isObject || typeof body['chain'] !== 'string') return refuse(badRequest('The body needs the member chain: the certificates as PEM in one text, the device’s first.'));
  const wrong = TEXTS.find((name) => !isAbsent(body[name]) && !isShortText(body[name]));
  if (wrong) return refuse(badRequest(`The member ${wrong} must be a text of at most ${LONGEST} characters.`));
  const at = typeof body['at'] === 'string' ? readTime(body['at']) : undefined;
  if (!isAbsent(body['at']) && !at) return refuse(badRequest('The member at must be a time such as 2027-01-31T12:00:00Z.'));
  const within = await tenantOf(request, body['tenant'], tenants);
  if (!within.granted) return within;
  const chain = decoder.decode(certificatesIn(body['chain']));
  if (!chain.granted) return refuse(problemOfChain(chain.refusal));
  const texts = Object.fromEntries(TEXTS.filter((name) => !isAbsent(body[name])).map((name) => [name, body[name] as string]));
  return grant({ chain: chain.value, ...(at && { at }), ...texts, ...(within.value !== undefined && { within: within.value }) });
}

async function tenantOf(request: FastifyRequest, named: unknown, tenants: RouteNeeds['tenants']): Promise<Decision<TenantId | undefined, Problem>> {
  const own = principalOf(request).tenant;
  if (isAbsent(named)) return grant(own === MANAGEMENT ? undefined : own);
  if (typeof named !== 'string') return refuse(badRequest('The member tenant must be the id of a tenant.'));
  if (named === own) return grant(own);
  if (own !== MANAGEMENT) return refuse(FORBIDDEN);
  const found = await tenants.find(named);
  return found.granted ? grant(found.value.id) : refuse(problemOf(found.refusal));
}

/** What tools print around certificates is passed over, but never so that a private key would not be seen. */
function certificatesIn(text: string): string {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g);
  return blocks && !text.includes('PRIVATE KEY') ? blocks.join('\n') : text;
}

/** What is a question of reading is 400 here as elsewhere; what must not be sent at all has its own answer. */
const problemOfChain = (refusal: Refusal): Problem => (refusal.code === 'anchor.unreadable' ? chainProblemOf(refusal) : problemOf(refusal));

const isAbsent = (value: unknown): value is undefined | null => value === undefined || value === null;
const isShortText = (value: unknown): value is string => typeof value === 'string' && value.length <= LONGEST;
