import type { FastifyReply, FastifyRequest } from 'fastify';
import { parseFingerprint, type Fingerprint } from '../../../domain/certificates/certificate.ts';
import type { Refusal } from '../../../domain/refusal.ts';
import type { Decision } from '../../../domain/shared/decision.ts';
import type { TenantId } from '../../../domain/trust/tenant.ts';
import type { TrustAnchor } from '../../../domain/trust/trust-anchor.ts';
import { answerChange } from '../answer.ts';
import { authorise, byOf, MAY_CHANGE, ofManagement, ofTenantInPath } from '../authorise.ts';
import { operation, type JsonSchema } from '../openapi/operation.ts';
import { TRUSTED_CERTIFICATE } from '../openapi/trusted-certificate-operations.ts';
import type { RouteNeeds, Routes } from '../route-needs.ts';
import { refused, unknown, viewsOf } from './trusted-certificates.ts';

interface OfCertificate {
  Params: { readonly tenant: TenantId; readonly fingerprint: string };
}

const ONE = '/tenant/tenants/:tenant/trusted-certificates-pop/:fingerprint';
const own = { onRequest: [authorise(...MAY_CHANGE), ofTenantInPath] };
const management = { onRequest: [authorise(...MAY_CHANGE), ofManagement] };

const MEMBER = 'proofOfPossessionSignedVerificationCode';

const about = (summary: string, body?: JsonSchema) =>
  operation({
    tag: 'Trust',
    summary,
    ...(body && { body }),
    answers: {
      200: { is: 'The trusted certificate as it is now', body: TRUSTED_CERTIFICATE, mayBeEmpty: true },
      404: 'The tenant trusts no such certificate',
      ...(body && { 422: 'What was sent is no signature' }),
    },
  });

/** Shows that a tenant has the private key of a CA that it trusts (wire-contract §1.7). */
export const proofOfPossessionRoutes: Routes = async (app, needs) => {
  const { possession } = needs;

  app.post<OfCertificate>(`${ONE}/verification-code`, { ...own, ...about('Get a new code to sign') }, (request, reply) =>
    answer(needs, request, reply, (fingerprint) => possession.renewCode(request.params.tenant, fingerprint, byOf(request))),
  );

  const body = { type: 'object', required: [MEMBER], properties: { [MEMBER]: { type: 'string' } } };
  app.post<OfCertificate>(`${ONE}/pop`, { ...own, ...about('Prove possession by the signature of the code', body) }, (request, reply) =>
    answer(needs, request, reply, (fingerprint) =>
      possession.prove(request.params.tenant, fingerprint, signatureIn(request.body), byOf(request)),
    ),
  );

  app.post<OfCertificate>(`${ONE}/confirmed`, { ...management, ...about('Vouch for the possession, as the operator of the instance') }, (request, reply) =>
    answer(needs, request, reply, (fingerprint) => possession.confirm(request.params.tenant, fingerprint, byOf(request))),
  );
};

async function answer(
  needs: RouteNeeds,
  request: FastifyRequest<OfCertificate>,
  reply: FastifyReply,
  change: (fingerprint: Fingerprint) => Promise<Decision<TrustAnchor, Refusal>>,
): Promise<FastifyReply> {
  const fingerprint = parseFingerprint(request.params.fingerprint);
  if (fingerprint === undefined) return unknown(reply, request.params.fingerprint);
  const changed = await change(fingerprint);
  if (!changed.granted) return refused(needs, reply, request.params.tenant, changed.refusal);
  return answerChange(request, reply, { status: 200, body: viewsOf(needs)(request, changed.value) });
}

/** A signature by RSA-8192, as base64 in lines. */
const LONGEST = 2_000;

/** RFC 4648 §4, line breaks allowed, as `openssl base64` writes it; undefined for what is not base64, or is nothing. */
function signatureIn(body: unknown): Uint8Array | undefined {
  const text = typeof body === 'object' && body !== null ? (body as Readonly<Record<string, unknown>>)[MEMBER] : undefined;
  if (typeof text !== 'string' || text.length > LONGEST) return undefined;
  const compact = text.replaceAll(/[ \t\r\n]/g, '');
  const bytes = Buffer.from(compact, 'base64');
  return bytes.length > 0 && bytes.toString('base64') === compact ? bytes : undefined;
}
