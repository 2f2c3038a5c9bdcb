import { parseFingerprint } from '../../../domain/certificates/certificate.ts';
import { grant, refuse, type Decision } from '../../../domain/shared/decision.ts';
import type { RolloverWish } from '../../../ports/driving/rollover-desk.ts';
import { authorise, byOf, MAY_CHANGE, MAY_READ, principalOf } from '../authorise.ts';
import { operation, type JsonSchema } from '../openapi/operation.ts';
import { FINGERPRINT } from '../openapi/schemas.ts';
import { readKeyset, type Query } from '../paging.ts';
import { badRequest, sendProblem, type Problem } from '../problem.ts';
import { sendRefusal } from '../problems.ts';
import { ROLLOVER, ROLLOVERS, rolloverView, STRAGGLERS, stragglerView } from '../rollover-view.ts';
import type { Routes } from '../route-needs.ts';
import { unknown } from './trusted-certificates.ts';

interface OfCertificate {
  readonly Params: { readonly fingerprint: string };
}

const ONE = '/fleetgate/trust/:fingerprint/successor';
const LARGEST_LIMIT = 1000;
const mayRead = { onRequest: [authorise(...MAY_READ)] };
const mayChange = { onRequest: [authorise(...MAY_CHANGE)] };

const params = { fingerprint: { ...FINGERPRINT, description: 'SHA-1 of the DER of the former certificate, in hex.' } };
const NONE = 'The tenant has no such certificate, or it has no successor.';
/** Read by `readWish`, so that people may write fingerprints and dates as they do. */
const WISH: JsonSchema = {
  title: 'RolloverWish',
  type: 'object',
  required: ['successor'],
  properties: { successor: { type: 'string', description: 'Fingerprint of the certificate that follows.' }, endDate: { type: ['string', 'null'], description: 'A date, or a date and time, of RFC 3339.' } },
};
const TELL = {
  list: operation({ tag: 'Trust', summary: 'List the rollovers and how far they came', answers: { 200: { is: 'All of them, oldest first.', body: ROLLOVERS } } }),
  one: operation({ tag: 'Trust', summary: 'How far a rollover came', description: 'By the last path of each device.', params, answers: { 200: { is: 'The rollover.', body: ROLLOVER }, 404: NONE } }),
  set: operation({
    tag: 'Trust',
    summary: 'Say which certificate takes the place of another',
    description: 'It lets nobody in or out, and nothing happens by itself at the end date.',
    params,
    body: WISH,
    answers: { 200: { is: 'The rollover.', body: ROLLOVER }, 404: 'The tenant has no such certificate.', 422: 'The successors would lead in a circle, or the end date has passed.' },
  }),
  removal: operation({ tag: 'Trust', summary: 'Take a rollover back', params, answers: { 204: 'The certificate has no successor any more.', 404: NONE } }),
  stragglers: operation({
    tag: 'Trust',
    summary: 'List the devices that are still on the former certificate',
    params,
    query: { after: { type: 'string', maxLength: 254, description: 'The id of the last device of the page before.' }, limit: { type: 'integer', minimum: 1, maximum: LARGEST_LIMIT, default: 100 } },
    answers: { 200: { is: 'A page by id, with `next` while there are more.', body: STRAGGLERS }, 404: NONE },
  }),
};

/** Ours: from one CA to the next (D-50), in one's own tenant. */
export const rolloverRoutes: Routes = async (app, { rollovers, links }) => {
  app.get('/fleetgate/rollovers', { ...mayRead, ...TELL.list }, async (request) => ({ rollovers: (await rollovers.list(principalOf(request).tenant)).map(rolloverView) }));

  app.get<OfCertificate>(ONE, { ...mayRead, ...TELL.one }, async (request, reply) => {
    const fingerprint = parseFingerprint(request.params.fingerprint);
    if (fingerprint === undefined) return unknown(reply, request.params.fingerprint);
    const found = await rollovers.find(principalOf(request).tenant, fingerprint);
    return found.granted ? rolloverView(found.value) : sendRefusal(reply, found.refusal);
  });

  app.put<OfCertificate>(ONE, { ...mayChange, ...TELL.set }, async (request, reply) => {
    const fingerprint = parseFingerprint(request.params.fingerprint);
    if (fingerprint === undefined) return unknown(reply, request.params.fingerprint);
    const wish = readWish(request.body);
    if (!wish.granted) return sendProblem(reply, wish.refusal);
    const set = await rollovers.set(principalOf(request).tenant, fingerprint, wish.value, byOf(request));
    return set.granted ? rolloverView(set.value) : sendRefusal(reply, set.refusal);
  });

  app.delete<OfCertificate>(ONE, { ...mayChange, ...TELL.removal }, async (request, reply) => {
    const fingerprint = parseFingerprint(request.params.fingerprint);
    if (fingerprint === undefined) return unknown(reply, request.params.fingerprint);
    const removed = await rollovers.remove(principalOf(request).tenant, fingerprint, byOf(request));
    return removed.granted ? reply.code(204).send() : sendRefusal(reply, removed.refusal);
  });

  app.get<OfCertificate>(`${ONE}/stragglers`, { ...mayRead, ...TELL.stragglers }, async (request, reply) => {
    const page = readKeyset(request.query as Query, { otherwise: 100, largest: LARGEST_LIMIT });
    if (!page.granted) return sendProblem(reply, page.refusal);
    const fingerprint = parseFingerprint(request.params.fingerprint);
    if (fingerprint === undefined) return unknown(reply, request.params.fingerprint);
    const { after, limit } = page.value;
    // One more than asked for tells whether there is a next page.
    const found = await rollovers.stragglers(principalOf(request).tenant, fingerprint, after, limit + 1);
    if (!found.granted) return sendRefusal(reply, found.refusal);
    const shown = found.value.slice(0, limit);
    const next = (id: string): string => links(request, `/fleetgate/trust/${fingerprint}/successor/stragglers?limit=${limit}&after=${encodeURIComponent(id)}`);
    return { stragglers: shown.map(stragglerView), ...(found.value.length > shown.length && { next: next(shown.at(-1)!.device) }) };
  });
};

function readWish(body: unknown): Decision<RolloverWish, Problem> {
  const { successor: given, endDate: until } = (typeof body === 'object' && body !== null ? body : {}) as { readonly successor?: unknown; readonly endDate?: unknown };
  const successor = typeof given === 'string' ? parseFingerprint(given) : undefined;
  if (!successor) return refuse(badRequest('successor must be the fingerprint of a trusted certificate, 40 digits in hex.'));
  if (until == null) return grant({ successor });
  const isDate = typeof until === 'string' && /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/.test(until);
  return isDate && isDayThatIs(until) && isTime(new Date(until))
    ? grant({ successor, endDate: new Date(until) })
    : refuse(badRequest('endDate must be a date such as 2027-03-31, or a date and time such as 2027-03-31T12:00:00Z.'));
}

/** JavaScript takes 31 February for 3 March. */
function isDayThatIs(text: string): boolean {
  const day = text.slice(0, 10);
  const at = new Date(`${day}T00:00:00Z`);
  return isTime(at) && at.toISOString().startsWith(day);
}

const isTime = (at: Date): boolean => !Number.isNaN(at.getTime());
