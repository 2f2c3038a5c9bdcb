import type { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { parseFingerprint, type Fingerprint } from '../../../domain/certificates/certificate.ts';
import { USUAL_RULE, type ListRule } from '../../../domain/revocation/stored-list.ts';
import { authorise, byOf, MAY_CHANGE, MAY_READ, principalOf } from '../authorise.ts';
import { answerChange } from '../answer.ts';
import { LIST_TYPES, REVOCATION_LIST_OPERATIONS as TELL, RULE_BODY } from '../openapi/revocation-list-operations.ts';
import { sendRefusal } from '../problems.ts';
import { largeBody } from '../large-body.ts';
import { revocationListView, ruleView } from '../revocation-list-view.ts';
import type { Routes } from '../route-needs.ts';
import { unknown } from './trusted-certificates.ts';

interface OfAnchor {
  readonly Params: { readonly fingerprint: string };
}
interface OfList {
  readonly Params: { readonly id: string };
}
type RuleBody = Partial<Pick<ListRule, 'urls' | 'acceptHours' | 'refuseHours' | 'missing'>>;

const LISTS = '/fleetgate/revocation-lists';
const RULE = '/fleetgate/revocation-list-rules/:fingerprint';

/** As PEM, the largest list takes a third more. */
const LARGEST_BODY = 90 * 1024 * 1024;

const mayRead = { onRequest: [authorise(...MAY_READ)] };
const mayChange = { onRequest: [authorise(...MAY_CHANGE)] };

/** Ours: the revocation lists of the CAs that a tenant trusts, and what it asks of them (D-43 to D-45). */
export const revocationListRoutes: Routes = async (app, needs) => {
  const { revocationLists: desk, links } = needs;
  app.addContentTypeParser([...LIST_TYPES], (_request: FastifyRequest, body: Readable) => largeBody(body, LARGEST_BODY));

  app.get(LISTS, { ...mayRead, ...TELL.list }, async (request) => ({
    self: links(request, LISTS),
    revocationLists: (await desk.list(principalOf(request).tenant)).map(revocationListView),
  }));

  app.post<OfAnchor>(`${LISTS}/:fingerprint`, { onRequest: [authorise(...MAY_CHANGE), seats()], bodyLimit: LARGEST_BODY, ...TELL.add }, async (request, reply) => {
    const anchor = parseFingerprint(request.params.fingerprint);
    if (anchor === undefined) return unknown(reply, request.params.fingerprint);
    const upload = request.body instanceof Uint8Array ? request.body : new Uint8Array();
    const added = await desk.add(principalOf(request).tenant, anchor, upload, byOf(request));
    if (!added.granted) return sendRefusal(reply, added.refusal);
    return answerChange(request, reply, { status: 201, location: links(request, LISTS), body: revocationListView(added.value) });
  });

  app.delete<OfList>(`${LISTS}/:id`, { ...mayChange, ...TELL.removal }, async (request, reply) => {
    const removed = await desk.remove(principalOf(request).tenant, request.params.id, byOf(request));
    return removed.granted ? reply.code(204).send() : sendRefusal(reply, removed.refusal);
  });

  app.get<OfAnchor>(RULE, { ...mayRead, ...TELL.rule }, (request, reply) =>
    ofAnchor(request.params, reply, async (anchor) => {
      const rule = await desk.rule(principalOf(request).tenant, anchor);
      return rule.granted ? reply.send(ruleView(rule.value)) : sendRefusal(reply, rule.refusal);
    }),
  );

  app.put<OfAnchor & { Body: RuleBody }>(RULE, { ...mayChange, schema: { body: RULE_BODY }, ...TELL.setRule }, (request, reply) =>
    ofAnchor(request.params, reply, async (anchor) => {
      const { urls, acceptHours, refuseHours, missing } = { ...USUAL_RULE, ...request.body };
      const rule = await desk.setRule({ tenant: principalOf(request).tenant, anchor, urls, acceptHours, refuseHours, missing }, byOf(request));
      return rule.granted ? answerChange(request, reply, { status: 200, body: ruleView(rule.value) }) : sendRefusal(reply, rule.refusal);
    }),
  );

  app.delete<OfAnchor>(RULE, { ...mayChange, ...TELL.removeRule }, (request, reply) =>
    ofAnchor(request.params, reply, async (anchor) => {
      const removed = await desk.removeRule(principalOf(request).tenant, anchor, byOf(request));
      return removed.granted ? reply.code(204).send() : sendRefusal(reply, removed.refusal);
    }),
  );
};

/** Each body may take ninety megabytes before anybody looks at it. */
const MOST_BODIES = 4;

/** Lets so many lists be sent at a time, whoever sends them. */
function seats() {
  let taken = 0;
  return async (_request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    if (taken >= MOST_BODIES) return sendRefusal(reply, { code: 'list.busy' });
    taken += 1;
    reply.raw.once('close', () => (taken -= 1));
    return undefined;
  };
}

async function ofAnchor({ fingerprint }: OfAnchor['Params'], reply: FastifyReply, answer: (anchor: Fingerprint) => Promise<FastifyReply>): Promise<FastifyReply> {
  const anchor = parseFingerprint(fingerprint);
  return anchor === undefined ? unknown(reply, fingerprint) : answer(anchor);
}
