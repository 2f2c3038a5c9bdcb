import { authorise, byOf, MAY_READ, principalOf } from '../authorise.ts';
import { DEVICE, DEVICE_SEEN, deviceView } from '../device-view.ts';
import { DRY_RUN, FORESEEN, IMPACT } from '../openapi/impact-schemas.ts';
import { operation } from '../openapi/operation.ts';
import { LINK, list, record } from '../openapi/schemas.ts';
import { seenCertificateView } from '../device-user-view.ts';
import { isAnswered } from '../is-answered.ts';
import { readKeyset, type Query } from '../paging.ts';
import { sendProblem } from '../problem.ts';
import { sendRefusal } from '../problems.ts';
import type { Routes } from '../route-needs.ts';

const DEFAULT_LIMIT = 100;
const LARGEST_LIMIT = 1000;
/** Longest device id (D-8). */
const LONGEST_ID = 254;

const PATH = '/fleetgate/devices';
const mayRead = { onRequest: [authorise(...MAY_READ, 'ROLE_DEVICE_CONTROL_ADMIN')] };
const mayRemove = { onRequest: [authorise('ROLE_DEVICE_CONTROL_ADMIN')] };

const ofList = operation({
  tag: 'Devices',
  summary: 'List the devices by id',
  query: {
    after: { type: 'string', maxLength: LONGEST_ID, description: 'The id of the last device of the page before.' },
    limit: { type: 'integer', minimum: 1, maximum: LARGEST_LIMIT, default: DEFAULT_LIMIT },
  },
  answers: { 200: { is: 'A page, with `next` while there are more.', body: { title: 'Devices', ...record({ devices: list(DEVICE), next: LINK }, { optional: ['next'] }) } } },
});
const ofOne = operation({ tag: 'Devices', summary: 'A device', answers: { 200: { is: 'The device.', body: DEVICE_SEEN }, 404: 'The tenant has no such device.' } });
const ofRemoval = operation({
  tag: 'Devices',
  summary: 'Remove a device',
  description: 'Its session ends and its tokens are dead. It may register itself anew where its CA lets it, so that a blocked one has to be unblocked first.',
  query: DRY_RUN,
  answers: { 200: { is: FORESEEN, body: IMPACT }, 204: 'It is removed.', 404: 'The tenant has no such device.', 409: 'It is blocked; or the removal was not confirmed, where the tenant wants that.' },
});

/** Ours: the devices of one's own tenant. Those of another are unknown here, in the same words as those of none (T09). */
export const deviceRoutes: Routes = async (app, needs) => {
  const { devices, certificates, links } = needs;
  app.get(PATH, { ...mayRead, ...ofList }, async (request, reply) => {
    const asked = readKeyset(request.query as Query, { otherwise: DEFAULT_LIMIT, largest: LARGEST_LIMIT });
    if (!asked.granted) return sendProblem(reply, asked.refusal);
    const { after, limit } = asked.value;
    // One more than asked for tells whether there is a next page.
    const found = await devices.list(principalOf(request).tenant, after, limit + 1);
    const page = found.slice(0, limit);
    const urlAfter = (id: string): string => links(request, `${PATH}?limit=${limit}&after=${encodeURIComponent(id)}`);
    return { devices: page.map(deviceView), ...(found.length > page.length && { next: urlAfter(page.at(-1)!.id) }) };
  });

  app.get<{ Params: { id: string } }>(`${PATH}/:id`, { ...mayRead, ...ofOne }, async (request, reply) => {
    const found = await devices.find(principalOf(request).tenant, request.params.id);
    if (!found.granted) return sendRefusal(reply, found.refusal);
    const seen = await certificates.seenOf(found.value.tenant, found.value.id);
    return { ...deviceView(found.value), certificates: seen.map(seenCertificateView) };
  });

  app.delete<{ Params: { id: string } }>(`${PATH}/:id`, { ...mayRemove, ...ofRemoval }, async (request, reply) => {
    const { tenant } = principalOf(request);
    if (await isAnswered(needs, request, reply, { kind: 'device.remove', tenant, device: request.params.id })) return reply;
    const removed = await devices.remove(tenant, request.params.id, byOf(request));
    return removed.granted ? reply.code(204).send() : sendRefusal(reply, removed.refusal);
  });
};
