import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Impact, PlannedChange } from '../../domain/impact/impact.ts';
import { grant, refuse, type Decision } from '../../domain/shared/decision.ts';
import { principalOf } from './authorise.ts';
import type { Query } from './paging.ts';
import { badRequest, sendProblem, type Problem } from './problem.ts';
import { sendRefusal } from './problems.ts';
import type { RouteNeeds } from './route-needs.ts';

/**
 * What a route asks before it makes a change that may keep devices out: `dryRun=true` is answered here, and so is a change that hits too
 * many without `confirm` (D-49). Says whether it answered: then the change is not to be made. The reply itself is no answer here, for to await
 * it is to wait until it is sent, and yields nothing.
 */
export async function isAnswered({ impact }: Pick<RouteNeeds, 'impact'>, request: FastifyRequest, reply: FastifyReply, change: PlannedChange): Promise<boolean> {
  const wish = readWish(request.query as Query);
  if (!wish.granted) {
    sendProblem(reply, wish.refusal);
    return true;
  }
  if (wish.value.dryRun) {
    const foreseen = await impact.foresee(change);
    if (foreseen.granted) reply.code(200).send(viewFor(principalOf(request).tenant, foreseen.value));
    else sendRefusal(reply, foreseen.refusal);
    return true;
  }
  const agreed = await impact.agree(change, wish.value.confirm);
  if (!agreed.granted) sendRefusal(reply, agreed.refusal);
  return !agreed.granted;
}

/** Figures are for whoever may make the change; the ids of devices are for their own tenant (T09). */
const viewFor = (tenant: string, impact: Impact): Impact => (impact.tenant === tenant ? impact : { ...impact, examples: [] });

/** A misspelt wish must not become the change itself. */
function readWish({ dryRun = 'false', confirm }: Query): Decision<{ readonly dryRun: boolean; readonly confirm?: number }, Problem> {
  if (dryRun !== 'true' && dryRun !== 'false') return refuse(badRequest('The query parameter dryRun must be true or false. Send it once.'));
  if (confirm === undefined) return grant({ dryRun: dryRun === 'true' });
  if (typeof confirm !== 'string' || !/^\d{1,9}$/.test(confirm))
    return refuse(badRequest('The query parameter confirm must be the number of devices that the answer to dryRun=true says. Send it once.'));
  return grant({ dryRun: dryRun === 'true', confirm: Number(confirm) });
}
