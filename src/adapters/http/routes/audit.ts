import type { FastifyRequest } from 'fastify';
import { grant, refuse, type Decision } from '../../../domain/shared/decision.ts';
import { MANAGEMENT, parseTenantId, type TenantId } from '../../../domain/trust/tenant.ts';
import type { AuditFilter } from '../../../ports/driven/audit-trail.ts';
import { AUDIT_ENTRY, AUDIT_REPORT, auditEntryView, auditReportView } from '../audit-view.ts';
import { authorise, MAY_READ, principalOf } from '../authorise.ts';
import { operation } from '../openapi/operation.ts';
import { LINK, list, record, TENANT_ID } from '../openapi/schemas.ts';
import { readCount, type Query } from '../paging.ts';
import { badRequest, FORBIDDEN, sendProblem, type Problem } from '../problem.ts';
import { readTime } from '../read-time.ts';
import type { Routes } from '../route-needs.ts';

const DEFAULT_LIMIT = 100;
const LARGEST_LIMIT = 1000;
const LARGEST_SEQ = 9_999_999_999;
const LONGEST = 400;

const PATH = '/fleetgate/audit';
const mayRead = { onRequest: [authorise(...MAY_READ)] };
const OF = { tenant: { ...TENANT_ID, description: 'One’s own where it is left out. The management tenant names any.' } };
const seq = (description: string) => ({ type: 'integer', minimum: 1, maximum: LARGEST_SEQ, description });
const time = (description: string) => ({ type: 'string', format: 'date-time', description });

const ofList = operation({
  tag: 'Audit',
  summary: 'Who did what',
  description: 'Newest first; with `after` from that entry on, oldest first, which is how to follow. Refused connections are counted: one entry for each class and minute.',
  query: {
    ...OF,
    what: { type: 'string', description: 'Exactly, such as `anchor.changed`.' },
    subject: { type: 'string', description: 'Exactly: a fingerprint, an id, a name, an option or a refusal code.' },
    from: time('Not before this time.'),
    until: time('Before this time.'),
    after: seq('Entries after the one of this number.'),
    before: seq('Entries before the one of this number.'),
    limit: { type: 'integer', minimum: 1, maximum: LARGEST_LIMIT, default: DEFAULT_LIMIT },
  },
  answers: { 200: { is: 'A page, with `next` while there are more.', body: { title: 'Audit', ...record({ entries: list(AUDIT_ENTRY), next: LINK }, { optional: ['next'] }) } } },
});
const ofVerification = operation({
  tag: 'Audit',
  summary: 'Is the audit as it was written?',
  description: 'Goes along the whole chain and names every entry that was changed, removed or moved. The management tenant asks for all chains by naming none.',
  query: OF,
  answers: { 200: { is: 'What was found; 200 also where something was.', body: AUDIT_REPORT } },
});

/** Ours: the audit of one's own tenant; the management tenant sees all. */
export const auditRoutes: Routes = async (app, { audits, links }) => {
  app.get(PATH, { ...mayRead, ...ofList }, async (request, reply) => {
    const query = request.query as Query;
    const tenant = tenantIn(request);
    if (!tenant.granted) return sendProblem(reply, tenant.refusal);
    const filter = readFilter(query);
    if (!filter.granted) return sendProblem(reply, filter.refusal);
    const limit = readCount(query, 'limit', { otherwise: DEFAULT_LIMIT, largest: LARGEST_LIMIT });
    if (!limit.granted) return sendProblem(reply, limit.refusal);
    // One more than asked for tells whether there is a next page.
    const found = await audits.list(tenant.value ?? principalOf(request).tenant, filter.value, limit.value + 1);
    const page = found.slice(0, limit.value);
    return { entries: page.map(auditEntryView), ...(found.length > page.length && { next: links(request, nextOf(query, page.at(-1)!.seq)) }) };
  });

  app.get(`${PATH}/verify`, { ...mayRead, ...ofVerification }, async (request, reply) => {
    const tenant = tenantIn(request);
    if (!tenant.granted) return sendProblem(reply, tenant.refusal);
    const own = principalOf(request).tenant;
    return auditReportView(await audits.verify(tenant.value ?? (own === MANAGEMENT ? undefined : own)));
  });
};

/** Whose audit is meant, where the query says so. */
function tenantIn(request: FastifyRequest): Decision<TenantId | undefined, Problem> {
  const named = (request.query as Query)['tenant'];
  if (named === undefined || named === '') return grant(undefined);
  const tenant = typeof named === 'string' ? parseTenantId(named) : undefined;
  if (!tenant) return refuse(badRequest('The query parameter tenant must be the id of a tenant. Send it once, or leave it out.'));
  const own = principalOf(request).tenant;
  return tenant === own || own === MANAGEMENT ? grant(tenant) : refuse(FORBIDDEN);
}

function readFilter(query: Query): Decision<AuditFilter, Problem> {
  const filter: Record<string, unknown> = {};
  for (const name of ['after', 'before'] as const) {
    // `after=0` is before the first: whoever follows begins there.
    const count = query[name] === '0' && name === 'after' ? grant(0) : readCount(query, name, { otherwise: -1, largest: LARGEST_SEQ });
    if (!count.granted) return count;
    if (count.value !== -1) filter[name] = count.value;
  }
  for (const name of ['what', 'subject'] as const) {
    const text = query[name];
    if (text === undefined || text === '') continue;
    if (typeof text !== 'string' || text.length > LONGEST) return refuse(badRequest(`The query parameter ${name} must be one text of at most ${LONGEST} characters.`));
    filter[name] = text;
  }
  for (const name of ['from', 'until'] as const) {
    const text = query[name];
    if (text === undefined || text === '') continue;
    const at = typeof text === 'string' ? readTime(text) : undefined;
    if (!at) return refuse(badRequest(`The query parameter ${name} must be a time such as 2026-11-24T12:00:00Z (RFC 3339). Send it once, or leave it out.`));
    filter[name] = at;
  }
  return grant(filter as AuditFilter);
}

/** The same question, from the last entry of the page on. */
function nextOf(query: Query, last: number): string {
  const cursor = query['after'] === undefined || query['after'] === '' ? 'before' : 'after';
  const kept = Object.entries(query).filter(([name, value]) => typeof value === 'string' && name !== cursor);
  return `${PATH}?${new URLSearchParams([...(kept as [string, string][]), [cursor, `${last}`]]).toString()}`;
}
