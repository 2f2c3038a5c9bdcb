import type { FastifyReply, FastifyRequest } from 'fastify';
import { parseFingerprint, type Fingerprint } from '../../../domain/certificates/certificate.ts';
import type { PlannedChange } from '../../../domain/impact/impact.ts';
import type { Refusal } from '../../../domain/refusal.ts';
import type { TenantId } from '../../../domain/trust/tenant.ts';
import type { TrustAnchor } from '../../../domain/trust/trust-anchor.ts';
import type { AnchorWish } from '../../../ports/driving/trust-desk.ts';
import type { Page } from '../../../ports/page.ts';
import { answerChange } from '../answer.ts';
import { authorise, byOf, MAY_CHANGE, MAY_READ, ofTenantInPath, ofTenantInPathOrManagement } from '../authorise.ts';
import { TRUSTED_CERTIFICATE_OPERATIONS as TELL } from '../openapi/trusted-certificate-operations.ts';
import { etagOf, ifMatch, withEtag } from '../if-match.ts';
import { isAnswered } from '../is-answered.ts';
import { pageFrame, readPaging, type Query } from '../paging.ts';
import { sendProblem } from '../problem.ts';
import { problemOf, sendRefusal } from '../problems.ts';
import { readUploads, readWish } from '../read-anchor-upload.ts';
import type { RouteNeeds, Routes } from '../route-needs.ts';
import { trustedCertificateView } from '../trusted-certificate-view.ts';

interface OfTenant {
  Params: { readonly tenant: TenantId };
}
interface OfCertificate {
  Params: { readonly tenant: TenantId; readonly fingerprint: string };
}

const LIST = '/tenant/tenants/:tenant/trusted-certificates';
const ONE = `${LIST}/:fingerprint`;

const ownToRead = { onRequest: [authorise(...MAY_READ), ofTenantInPath] };
const ownToChange = { onRequest: [authorise(...MAY_CHANGE), ofTenantInPath] };
const anyToRead = { onRequest: [authorise(...MAY_READ), ofTenantInPathOrManagement] };
const anyToChange = { onRequest: [authorise(...MAY_CHANGE), ofTenantInPathOrManagement] };

/** Which CAs a tenant trusts (wire-contract §1). */
export const trustedCertificateRoutes: Routes = async (app, needs) => {
  const { trust } = needs;
  const view = viewsOf(needs);

  app.get<OfTenant>(LIST, { ...ownToRead, ...TELL.list }, async (request, reply) => {
    const query = request.query as Query;
    const paging = readPaging(query);
    if (!paging.granted) return sendProblem(reply, paging.refusal);
    // There is no built-in CA yet, so the list of built-in ones is empty.
    const page: Page<TrustAnchor> =
      query['certificateAuthority'] === 'true' ? { items: [], total: 0 } : await trust.list(request.params.tenant, paging.value);
    return { ...pageFrame(request, needs.links, paging.value, page), certificates: page.items.map((anchor) => view(request, anchor)) };
  });

  app.post<OfTenant>(LIST, { ...ownToChange, ...TELL.add }, (request, reply) => addAll(needs, request, reply));
  app.post<OfTenant>(`${LIST}/bulk`, { ...ownToChange, ...TELL.addAll }, (request, reply) => addAll(needs, request, reply));

  app.get<OfCertificate>(ONE, { ...anyToRead, ...TELL.one }, async (request, reply) => {
    const { tenant, fingerprint: given } = request.params;
    const fingerprint = parseFingerprint(given);
    if (fingerprint === undefined) return unknown(reply, given);
    const found = await trust.find(tenant, fingerprint);
    return found.granted ? withEtag(reply, tagOf(found.value)).send(view(request, found.value)) : refused(needs, reply, tenant, found.refusal);
  });

  app.put<OfCertificate>(ONE, { ...anyToChange, ...TELL.change }, async (request, reply) => {
    const { tenant, fingerprint: given } = request.params;
    const fingerprint = parseFingerprint(given);
    if (fingerprint === undefined) return unknown(reply, given);
    const wish = readWish(request.body);
    if (!wish.granted) return sendProblem(reply, wish.refusal);
    if (await isAnswered(needs, request, reply, plannedBy(wish.value, tenant, fingerprint))) return reply;
    const changed = await trust.change(tenant, fingerprint, wish.value, byOf(request), ifMatch(request, tagOf));
    if (!changed.granted) return refused(needs, reply, tenant, changed.refusal);
    return answerChange(request, withEtag(reply, tagOf(changed.value)), { status: 200, body: view(request, changed.value) });
  });

  app.delete<OfCertificate>(ONE, { ...anyToChange, ...TELL.removal }, async (request, reply) => {
    const { tenant, fingerprint: given } = request.params;
    const fingerprint = parseFingerprint(given);
    if (fingerprint === undefined) return unknown(reply, given);
    if (await isAnswered(needs, request, reply, { kind: 'trust.remove', tenant, fingerprint })) return reply;
    const removed = await trust.remove(tenant, fingerprint, byOf(request), ifMatch(request, tagOf));
    return removed.granted ? reply.code(204).send() : refused(needs, reply, tenant, removed.refusal);
  });
};

/** Adds in the order given and stops at the first refusal, which then says what was added before it. */
async function addAll(needs: RouteNeeds, request: FastifyRequest<OfTenant>, reply: FastifyReply): Promise<FastifyReply> {
  const uploads = readUploads(request.body, { trusted: (request.query as Query)['addToTrustStore'] !== 'false' });
  if (!uploads.granted) return sendProblem(reply, uploads.refusal);
  const { tenant } = request.params;
  const view = viewsOf(needs);
  const added: TrustAnchor[] = [];
  for (const [index, upload] of uploads.value.entries()) {
    const answer = await needs.trust.add(tenant, upload, byOf(request));
    if (!answer.granted) {
      const problem = problemOf(answer.refusal);
      const place = uploads.value.length > 1 && { index, added: added.map(({ certificate }) => certificate.fingerprint) };
      return sendProblem(reply, { ...problem, details: { ...problem.details, ...place } });
    }
    added.push(answer.value);
  }
  const list = needs.links(request, pathOf(tenant));
  const [only] = added;
  if (isMany(request) || only === undefined)
    return answerChange(request, reply, {
      status: 201,
      location: list,
      body: { self: list, certificates: added.map((anchor) => view(request, anchor)) },
    });
  const self = needs.links(request, pathOf(tenant, only.certificate.fingerprint));
  return answerChange(request, reply, { status: 201, location: self, body: view(request, only) });
}

const plannedBy = ({ status }: AnchorWish, tenant: TenantId, fingerprint: Fingerprint): PlannedChange =>
  status === 'disabled' ? { kind: 'trust.disable', tenant, fingerprint } : { kind: 'none', tenant, subject: fingerprint };

/** One answers with itself, a list with a list, even of one. */
const isMany = (request: FastifyRequest): boolean => 'certificates' in (request.body as object);

const pathOf = (tenant: TenantId, fingerprint?: Fingerprint): string =>
  `/tenant/tenants/${tenant}/trusted-certificates${fingerprint === undefined ? '' : `/${fingerprint}`}`;

export const viewsOf =
  ({ links, clock }: RouteNeeds) =>
  (request: FastifyRequest, anchor: TrustAnchor): object =>
    trustedCertificateView(anchor, links(request, pathOf(anchor.tenant, anchor.certificate.fingerprint)), clock.now());

/** Of what a change can change; the certificate itself is named in the path. */
const tagOf = ({ name, status, autoRegistration, inert, possessionProven }: TrustAnchor): string =>
  etagOf([name, status, autoRegistration, inert, possessionProven]);

/** The management tenant may ask for certificates of a tenant that does not exist: then that is the news. */
export async function refused({ tenants }: RouteNeeds, reply: FastifyReply, tenant: TenantId, refusal: Refusal): Promise<FastifyReply> {
  const owner = refusal.code === 'anchor.unknown' ? await tenants.find(tenant) : undefined;
  return sendRefusal(reply, owner?.granted === false ? owner.refusal : refusal);
}

export const unknown = (reply: FastifyReply, fingerprint: string): FastifyReply =>
  sendRefusal(reply, { code: 'anchor.unknown', evidence: { fingerprint: fingerprint.slice(0, 64) } });
