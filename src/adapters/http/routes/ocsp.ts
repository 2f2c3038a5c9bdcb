import type { FastifyReply, FastifyRequest } from 'fastify';
import { parseFingerprint, type Fingerprint } from '../../../domain/certificates/certificate.ts';
import type { Refusal } from '../../../domain/refusal.ts';
import { USUAL_RESPONDER_RULE, type KnownCertificate, type ResponderRule } from '../../../domain/revocation/responder-answer.ts';
import type { Decision } from '../../../domain/shared/decision.ts';
import { answerChange } from '../answer.ts';
import { authorise, byOf, MAY_CHANGE, MAY_READ, principalOf } from '../authorise.ts';
import { ocspAnswerView, ocspRuleView } from '../ocsp-view.ts';
import { OCSP_OPERATIONS as TELL, OCSP_RULE_BODY } from '../openapi/ocsp-operations.ts';
import { sendRefusal } from '../problems.ts';
import type { Routes } from '../route-needs.ts';
import { unknown } from './trusted-certificates.ts';

interface OfAnchor {
  readonly Params: { readonly fingerprint: string };
}
interface OfCertificate {
  readonly Params: { readonly certificate: string };
}
type RuleBody = Partial<Pick<ResponderRule, 'urls' | 'hard' | 'acceptHours' | 'refuseHours'>>;

const RULES = '/fleetgate/ocsp-rules';
const RULE = `${RULES}/:fingerprint`;
const ANSWERS = '/fleetgate/ocsp-answers';

const mayRead = { onRequest: [authorise(...MAY_READ)] };
const mayChange = { onRequest: [authorise(...MAY_CHANGE)] };

/** Ours: which OCSP responders are asked about the devices of a CA, and what they said (D-52 to D-54). */
export const ocspRoutes: Routes = async (app, { responders: desk, links }) => {
  app.get(RULES, { ...mayRead, ...TELL.rules }, async (request) => ({ self: links(request, RULES), ocspRules: (await desk.rules(principalOf(request).tenant)).map(ocspRuleView) }));

  app.get<OfAnchor>(RULE, { ...mayRead, ...TELL.rule }, (request, reply) =>
    ofAnchor(request.params, reply, async (anchor) => {
      const rule = await desk.rule(principalOf(request).tenant, anchor);
      return rule.granted ? reply.send(ocspRuleView(rule.value)) : sendRefusal(reply, rule.refusal);
    }),
  );

  app.put<OfAnchor & { Body: RuleBody }>(RULE, { ...mayChange, schema: { body: OCSP_RULE_BODY }, ...TELL.setRule }, (request, reply) =>
    ofAnchor(request.params, reply, async (anchor) => {
      const { urls, hard, acceptHours, refuseHours } = { urls: [], ...USUAL_RESPONDER_RULE, ...request.body };
      const rule = await desk.setRule({ tenant: principalOf(request).tenant, anchor, urls, hard, acceptHours, refuseHours }, byOf(request));
      return rule.granted ? answerChange(request, reply, { status: 200, body: ocspRuleView(rule.value) }) : sendRefusal(reply, rule.refusal);
    }),
  );

  app.delete<OfAnchor>(RULE, { ...mayChange, ...TELL.removeRule }, (request, reply) =>
    ofAnchor(request.params, reply, async (anchor) => {
      const removed = await desk.removeRule(principalOf(request).tenant, anchor, byOf(request));
      return removed.granted ? reply.code(204).send() : sendRefusal(reply, removed.refusal);
    }),
  );

  const sendAnswers = (request: FastifyRequest, reply: FastifyReply, said: Decision<readonly KnownCertificate[], Refusal>): FastifyReply =>
    said.granted ? reply.send({ self: links(request, ANSWERS), ocspAnswers: said.value.map(ocspAnswerView) }) : sendRefusal(reply, said.refusal);

  app.get<OfCertificate>(`${ANSWERS}/:certificate`, { ...mayRead, ...TELL.answers }, async (request, reply) =>
    sendAnswers(request, reply, await desk.known(principalOf(request).tenant, request.params.certificate)),
  );

  app.post<OfCertificate>(`${ANSWERS}/:certificate/ask`, { ...mayChange, ...TELL.ask }, async (request, reply) =>
    sendAnswers(request, reply, await desk.ask(principalOf(request).tenant, request.params.certificate)),
  );
};

async function ofAnchor({ fingerprint }: OfAnchor['Params'], reply: FastifyReply, answer: (anchor: Fingerprint) => Promise<FastifyReply>): Promise<FastifyReply> {
  const anchor = parseFingerprint(fingerprint);
  return anchor === undefined ? unknown(reply, fingerprint) : answer(anchor);
}
