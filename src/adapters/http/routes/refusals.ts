import type { FastifyRequest } from 'fastify';
import { REFUSALS, type RefusalCode } from '../../../domain/refusal.ts';
import { grant, refuse, type Decision } from '../../../domain/shared/decision.ts';
import { MANAGEMENT, type TenantId } from '../../../domain/trust/tenant.ts';
import type { RefusalQuestion } from '../../../ports/driven/refusal-store.ts';
import { authorise, MAY_READ, principalOf } from '../authorise.ts';
import { operation } from '../openapi/operation.ts';
import { LINK, list, record } from '../openapi/schemas.ts';
import { readCount, type Query } from '../paging.ts';
import { badRequest, FORBIDDEN, sendProblem, type Problem } from '../problem.ts';
import { readTime } from '../read-time.ts';
import { CODE, idOf, placeOf, REFUSAL, refusalView } from '../refusal-view.ts';
import type { Routes } from '../route-needs.ts';

const PATH = '/fleetgate/refusals';
const LIMITS = { otherwise: 100, largest: 1000 } as const;
/** Longest device id (D-8). */
const LONGEST = 254;
const NAMES = ['tenant', 'code', 'device', 'since'] as const;

const about = operation({
  tag: 'Devices',
  summary: 'List the connects that were refused, and why',
  description:
    'The one seen last first: each certificate and reason once, counted, with what to do about it (D-46). One’s own tenant’s: those for which one of its CAs made the signatures. ' +
    'The management tenant’s own are those that nobody’s CA vouches for, so that their names are claims; it may name any tenant. A count may lag by a minute where a process was killed.',
  query: {
    code: { ...CODE, description: 'Only those with this code.' },
    device: { type: 'string', maxLength: LONGEST, description: 'Only those of this device, or that claim to be it.' },
    since: { type: 'string', format: 'date-time', description: 'Only those seen at this time or later.' },
    tenant: { type: 'string', description: 'Another tenant, for the management tenant alone.' },
    after: { type: 'string', description: 'The `id` of the last one of the page before.' },
    limit: { type: 'integer', minimum: 1, maximum: LIMITS.largest, default: LIMITS.otherwise },
  },
  answers: { 200: { is: 'A page, with `next` while there are more.', body: { title: 'Refusals', ...record({ refusals: list(REFUSAL), next: LINK }, { optional: ['next'] }) } } },
});

/** Ours: whom the gate turned away. */
export const refusalRoutes: Routes = async (app, { refusals, links }) => {
  app.get(PATH, { onRequest: [authorise(...MAY_READ, 'ROLE_DEVICE_CONTROL_ADMIN')], ...about }, async (request, reply) => {
    const question = readQuestion(request);
    if (!question.granted) return sendProblem(reply, question.refusal);
    const { limit } = question.value;
    const found = await refusals.list({ ...question.value, limit: limit + 1 });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return { refusals: page.map(refusalView), ...(last && found.length > limit && { next: links(request, nextPath(request, limit, idOf({ ...last, code: last.refusal.code }))) }) };
  });
};

function nextPath(request: FastifyRequest, limit: number, after: string): string {
  const query = request.query as Query;
  const kept = NAMES.filter((name) => query[name] !== undefined && query[name] !== '').map((name) => `&${name}=${encodeURIComponent(String(query[name]))}`);
  return `${PATH}?limit=${limit}&after=${after}${kept.join('')}`;
}

function readQuestion(request: FastifyRequest): Decision<RefusalQuestion, Problem> {
  const query = request.query as Query;
  const limit = readCount(query, 'limit', LIMITS);
  if (!limit.granted) return limit;
  const [tenant, code, device, since, after] = [...NAMES, 'after'].map((name) => query[name] || undefined);
  const own = principalOf(request).tenant;
  if (tenant !== undefined && tenant !== own && own !== MANAGEMENT) return refuse(FORBIDDEN);
  if (!isTextOrNone(tenant)) return wrong('tenant', 'the id of a tenant');
  if (!isTextOrNone(code) || (code !== undefined && !Object.hasOwn(REFUSALS, code))) return wrong('code', 'a code of a refusal, such as path.outside-validity');
  if (!isTextOrNone(device) || (device?.length ?? 0) > LONGEST) return wrong('device', 'the id of a device');
  const time = typeof since === 'string' ? readTime(since) : undefined;
  if (since !== undefined && !time) return wrong('since', 'a time such as 2027-01-31T12:00:00Z');
  const place = typeof after === 'string' ? placeOf(after) : undefined;
  if (after !== undefined && !place) return wrong('after', 'the id of the last refusal of the page before');
  return grant({
    tenant: (tenant ?? own) as TenantId,
    ...(code !== undefined && { code: code as RefusalCode }),
    ...(device !== undefined && { device }),
    ...(time && { since: time }),
    ...(place && { after: place }),
    limit: limit.value,
  });
}

const isTextOrNone = (value: unknown): value is string | undefined => value === undefined || typeof value === 'string';

const wrong = (name: string, form: string): Decision<never, Problem> => refuse(badRequest(`The query parameter ${name} must be ${form}. Send it once, or leave it out.`));
