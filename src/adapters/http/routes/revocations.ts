import type { FastifyRequest } from 'fastify';
import type { CertificateChoice, OperatorSource, RevocationDesk, RevocationWish } from '../../../ports/driving/revocation-desk.ts';
import { answerChange } from '../answer.ts';
import { authorise, byOf, MAY_CHANGE, MAY_READ, principalOf } from '../authorise.ts';
import { isAnswered } from '../is-answered.ts';
import { DRY_RUN, FORESEEN, IMPACT, NOT_CONFIRMED } from '../openapi/impact-schemas.ts';
import { operation, type JsonSchema, type Operation } from '../openapi/operation.ts';
import { changed, list, PAGING, pageOf, record, TIME, WHETHER } from '../openapi/schemas.ts';
import { pageFrame, readPaging, type Query } from '../paging.ts';
import { badRequest, sendProblem } from '../problem.ts';
import { sendRefusal } from '../problems.ts';
import { FOR_GOOD, REVOCATION, revocationView } from '../revocation-view.ts';
import type { Routes } from '../route-needs.ts';

const PATH = '/fleetgate/revocations';
const SOURCES: readonly OperatorSource[] = ['manual', 'hold'];
const mayRead = { onRequest: [authorise(...MAY_READ)] };
const mayChange = { onRequest: [authorise(...MAY_CHANGE)] };

const CHOICE = {
  serialNumber: { type: 'string', description: 'In hex, as openssl x509 -serial writes it.' },
  issuer: { type: 'string', description: 'Beside serialNumber: fingerprint of the CA, which the tenant trusts. Without it: any issuer.' },
  fingerprint: { type: 'string', description: 'SHA-1; of a certificate that was seen, SHA-256 too.' },
  certInPemFormat: { type: 'string', description: 'The certificate itself.' },
} as const;
/** One of three ways to name a certificate, with members that are the same for all. */
const bodyWith = (more: Readonly<Record<string, JsonSchema>>): JsonSchema => {
  const { serialNumber, issuer, fingerprint, certInPemFormat } = CHOICE;
  const ways = [{ serialNumber, issuer }, { fingerprint }, { certInPemFormat }];
  return { oneOf: ways.map((way) => record({ ...way, ...more }, { optional: ['issuer', ...Object.keys(more)] })) };
};
const NOTE = { since: TIME, note: { type: 'string', maxLength: 256, description: 'One line, for operators.' } } as const;
const RESULT = { title: 'RevocationResult', ...record({ revocation: REVOCATION, sessionsEnded: { type: 'integer', minimum: 0 } }) };
const RELEASED = { title: 'Released', ...record({ released: list(REVOCATION), isStillRevoked: WHETHER }) };

/** Ours: revokes one certificate for good, holds it until it is released, and shows what was said (D-40 to D-42). */
export const revocationRoutes: Routes = async (app, needs) => {
  const { revocations, links } = needs;
  const ofList = operation({
    tag: 'Trust',
    summary: 'List what operators revoked',
    query: { source: { type: 'string', enum: SOURCES }, ...PAGING },
    answers: { 200: { is: 'A page, newest first.', body: pageOf('Revocations', 'revocations', REVOCATION) } },
  });
  app.get(PATH, { ...mayRead, ...ofList }, async (request, reply) => {
    const query = request.query as Query;
    const paging = readPaging(query);
    if (!paging.granted) return sendProblem(reply, paging.refusal);
    const source = query['source'];
    const sources = source === undefined ? SOURCES : SOURCES.filter((each) => each === source);
    if (sources.length === 0) return sendProblem(reply, badRequest('The query parameter source must be manual or hold. Send it once, or leave it out.'));
    const page = await revocations.list(principalOf(request).tenant, sources, paging.value);
    return { ...pageFrame(request, links, paging.value, page, ['source']), revocations: page.items.map(revocationView) };
  });

  for (const act of ['revoke', 'hold'] as const) {
    app.post(act === 'revoke' ? PATH : `${PATH}/hold`, { ...mayChange, ...WORDS[act] }, async (request, reply) => {
      const { tenant } = principalOf(request);
      const [wish, by] = [wishIn(request), byOf(request)];
      const planned = await revocations.plan(tenant, act === 'revoke' ? 'manual' : 'hold', wish, by);
      if (!planned.granted) return sendRefusal(reply, planned.refusal);
      if (await isAnswered(needs, request, reply, { kind: `certificate.${act}`, tenant, revocations: [planned.value] })) return reply;
      const said = await revocations[act](tenant, wish, by);
      if (!said.granted) return sendRefusal(reply, said.refusal);
      const { revocation, isNew, sessionsEnded } = said.value;
      return answerChange(request, reply, { status: isNew ? 201 : 200, body: { revocation: revocationView(revocation), sessionsEnded } });
    });
  }

  app.post(`${PATH}/release`, { ...mayChange, ...WORDS.release }, async (request, reply) => {
    const released = await revocations.release(principalOf(request).tenant, choiceIn(request), byOf(request));
    if (!released.granted) return sendRefusal(reply, released.refusal);
    return answerChange(request, reply, { status: 200, body: { ...released.value, released: released.value.released.map(revocationView) } });
  });

  app.get(`${PATH}/signer`, { ...mayRead, ...WORDS.signer }, async (request, reply) =>
    reply.header('content-type', 'application/pkix-cert').send(Buffer.from(await revocations.listSigner(principalOf(request).tenant))),
  );
};

const unusable = 'None, or more than one certificate is named; or a part of it cannot be used.';
const said: Operation['answers'] = {
  200: changed(`It was said before; any session that was left is ended. ${FORESEEN}`, { anyOf: [RESULT, IMPACT] }),
  201: changed('Said: its sessions are ended.', RESULT),
  404: 'No certificate of this SHA-256 was seen.',
  409: NOT_CONFIRMED,
  422: unusable,
};
const WORDS = {
  revoke: operation({ tag: 'Trust', summary: 'Revoke a certificate, for good', description: 'Name it in one of three ways.', query: DRY_RUN, body: bodyWith({ ...NOTE, reason: FOR_GOOD }), answers: said }),
  hold: operation({ tag: 'Trust', summary: 'Hold a certificate until it is released', description: 'Name it in one of three ways.', query: DRY_RUN, body: bodyWith(NOTE), answers: said }),
  release: operation({
    tag: 'Trust',
    summary: 'Release every hold that means a certificate',
    body: bodyWith({}),
    answers: { 200: changed('Released; something else may still say that it is revoked.', RELEASED), 404: 'It is not on hold.', 409: 'It is revoked for good.', 422: unusable },
  }),
  signer: operation({
    tag: 'Trust',
    summary: 'The certificate whose key signs the list of what was revoked',
    answers: { 200: { is: 'In DER (RFC 2585).', body: { byType: { 'application/pkix-cert': { type: 'string', contentMediaType: 'application/pkix-cert' } } } } },
  }),
} as const satisfies Record<keyof Pick<RevocationDesk, 'revoke' | 'hold' | 'release'> | 'signer', object>;

const MEMBERS = { serialNumber: 'serialNumber', issuer: 'issuer', fingerprint: 'fingerprint', certificate: 'certInPemFormat' } as const;

/** Unknown members are ignored, as everywhere; one of the wrong type is not. */
function choiceIn({ body }: FastifyRequest): CertificateChoice {
  return Object.fromEntries(Object.entries(MEMBERS).flatMap(([name, member]) => {
    const text = textIn(body, member);
    return text === undefined ? [] : [[name, text]];
  }));
}

function wishIn(request: FastifyRequest): RevocationWish {
  const [reason, since, note] = ['reason', 'since', 'note'].map((member) => textIn(request.body, member));
  return { ...choiceIn(request), ...(reason !== undefined && { reason }), ...(since !== undefined && { since: timeIn(since) }), ...(note !== undefined && { note }) };
}

/** RFC 3339. */
function timeIn(text: string): Date {
  const time = new Date(text);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(text) || Number.isNaN(time.getTime())) throw badRequest('since must be a time such as 2026-05-03T12:00:00Z.');
  return time;
}

function textIn(body: unknown, member: string): string | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw badRequest('The body must be a JSON object, such as {"serialNumber":"0a1f"}.');
  const value: unknown = (body as Readonly<Record<string, unknown>>)[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw badRequest(`${member} must be a text.`);
  return value;
}
