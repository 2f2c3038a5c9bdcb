import type { FastifyInstance } from 'fastify';
import type { Principal } from '../../domain/access/administrator.ts';
import { PRINCIPAL } from './authorise.ts';
import { problemIn, type Problem } from './problem.ts';
import type { RouteNeeds } from './route-needs.ts';

/** Refused requests are counted for the audit, by class: who knocks at doors that are not theirs shows there. */
export function countRefused(app: FastifyInstance, { refusalCount }: Pick<RouteNeeds, 'refusalCount'>): void {
  app.addHook('onResponse', async (request, reply) => {
    const code = classOf(problemIn(reply));
    if (code === undefined) return;
    const principal = request.getDecorator<Principal | undefined>(PRINCIPAL);
    refusalCount.count({ what: 'request.refused', tenant: principal?.tenant, code, from: principal ? `${principal.tenant}/${principal.name}` : request.ip });
  });
}

/** What is not there is asked for every day, and a wrong form is a mistake: neither is a refusal. */
function classOf(problem: Problem | undefined): string | undefined {
  if (!problem || problem.status >= 500 || problem.status === 404) return undefined;
  const { code } = (problem.details ?? {}) as { readonly code?: string };
  return code ?? (problem.status === 401 || problem.status === 403 ? problem.error : undefined);
}
