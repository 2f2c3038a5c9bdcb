import { buildPaths, type FoundPaths, type PathQuestion } from '../certificates/build-paths.ts';
import { judgePaths, type PathsRefusal, type Trusted } from '../certificates/judge-paths.ts';
import type { Decision } from '../shared/decision.ts';
import type { TenantId } from './tenant.ts';

export interface TrustQuestion extends PathQuestion {
  readonly at: Date;
  /** The tenant that the peer named, if any (D-5). */
  readonly userName?: string | undefined;
}

export interface SearchedTrust {
  readonly found: FoundPaths;
  readonly trusted: Decision<Trusted, PathsRefusal>;
}

/**
 * Which paths are there, and which of them hold? (Steps 4 and 5.)
 *
 * Where the work ran out, what was found decides nothing (D-11), but for one tenant: the only one that has proven possession of a CA to
 * which the device leads. Whatever else is there has proven nothing, and stands back behind it anyway (D-5). So nobody who stores dear
 * CAs under the names of another's keeps out the devices of one who has proven. At most three searches, each within the budget.
 */
export function searchTrust({ at, userName, ...question }: TrustQuestion): SearchedTrust {
  const whole = judged(question, at);
  if (whole.trusted.granted || !RAN_OUT.has(whole.trusted.refusal.code)) return whole;
  const proven = judged({ ...question, anchors: question.anchors.filter(({ possessionProven }) => possessionProven) }, at);
  const tenant = onlyTenantIn(proven.trusted);
  if (tenant === undefined || namesAnother(tenant, userName, question)) return whole;
  // Those of its CAs that are not proven count too: one may let devices register themselves (D-7).
  const own = judged({ ...question, anchors: question.anchors.filter((anchor) => anchor.tenant === tenant) }, at);
  return own.trusted.granted ? own : whole;
}

const RAN_OUT: ReadonlySet<PathsRefusal['code']> = new Set<PathsRefusal['code']>(['path.budget-exhausted', 'path.too-much-to-compare']);

function judged(question: PathQuestion, at: Date): SearchedTrust {
  const found = buildPaths(question);
  return { found, trusted: judgePaths(found, at) };
}

function onlyTenantIn(trusted: SearchedTrust['trusted']): TenantId | undefined {
  if (!trusted.granted) return undefined;
  const [first, ...more] = new Set(trusted.value.anchors.map(({ tenant }) => tenant));
  return more.length === 0 ? first : undefined;
}

/** A user name decides before proof does, if its tenant is one to which the device leads: what was not found might be. */
function namesAnother(tenant: TenantId, userName: string | undefined, { anchors }: PathQuestion): boolean {
  const named = userName?.split('/', 1)[0];
  return named !== tenant && anchors.some((anchor) => anchor.tenant === named);
}
