import type { FastifyRequest } from 'fastify';
import type { Principal } from '../../../domain/access/administrator.ts';
import { MANAGEMENT } from '../../../domain/trust/tenant.ts';
import { withoutTenants } from '../../../ports/figures/merge-figures.ts';
import { principalBehind, unauthorized } from '../authenticate.ts';
import { MAY_READ } from '../authorise.ts';
import { isFromThisMachine } from '../from-this-machine.ts';
import { operation } from '../openapi/operation.ts';
import { FORBIDDEN, sendProblem, type Problem } from '../problem.ts';
import { PROMETHEUS_TYPE, prometheusText } from '../prometheus-text.ts';
import { readAuthorization } from '../read-authorization.ts';
import type { RouteNeeds, Routes } from '../route-needs.ts';

const TELL = operation({
  tag: 'Instance',
  byItself: true,
  summary: 'Read the figures of the instance, for Prometheus',
  description:
    'For administrators of `management` with a role that may read trusted certificates. Where `FLEETGATE_METRICS` is `loopback`, also for whoever asks on this machine over plain HTTP, without a password and without the names of tenants.',
  answers: {
    200: { is: 'The figures, in the text format of Prometheus.', body: { byType: { 'text/plain': { type: 'string' } } } },
    401: 'Who asks is not on this machine, or came by a proxy, and gave no password or a wrong one.',
    403: 'No administrator of `management`, or one who may not.',
    404: 'The operator switched the figures off.',
    429: 'Too many wrong passwords.',
  },
});

/** Figures name no device and no address, but tenants, and how busy they are: that is for the operator of the instance (D-58). */
export const metricsRoutes: Routes = async (app, needs) => {
  app.get('/metrics', TELL, async (request, reply) => {
    const { figures, metricsFor } = needs;
    if (metricsFor === 'off') return sendProblem(reply, OFF);
    const isAnonymous = request.headers.authorization === undefined;
    const problem = isAnonymous ? noPassword(request, metricsFor) : await wrongReader(request, needs);
    if (problem) return sendProblem(reply, problem);
    const all = await figures.all();
    return reply.header('cache-control', 'no-store').header('content-type', PROMETHEUS_TYPE).send(prometheusText(isAnonymous ? withoutTenants(all) : all));
  });
};

const noPassword = (request: FastifyRequest, metricsFor: RouteNeeds['metricsFor']): Problem | undefined =>
  metricsFor === 'loopback' && isFromThisMachine(request) ? undefined : { ...WHO, headers: { 'www-authenticate': 'Basic realm="fleetgate metrics"' } };

async function wrongReader(request: FastifyRequest, needs: RouteNeeds): Promise<Problem | undefined> {
  const credentials = readAuthorization(request.headers.authorization);
  const found = await principalBehind(credentials, request, needs);
  if (!found.granted) return unauthorized(found.refusal, credentials, request);
  return mayRead(found.value) ? undefined : FORBIDDEN;
}

const mayRead = (principal: Principal): boolean =>
  principal.kind === 'administrator' && principal.tenant === MANAGEMENT && principal.roles.some((role) => MAY_READ.includes(role));

const WHO: Problem = {
  status: 401,
  error: 'security/Unauthorized',
  message:
    'The figures are for administrators of the tenant management: send user and password (Basic). With FLEETGATE_METRICS=loopback, figures without names of tenants are read without a password on the machine itself, over plain HTTP to localhost and not through a proxy.',
};

const OFF: Problem = { status: 404, error: 'general/Not Found', message: 'The figures are switched off (FLEETGATE_METRICS).' };
