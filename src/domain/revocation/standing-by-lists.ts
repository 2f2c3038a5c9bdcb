import type { TrustedPath } from '../certificates/judge-paths.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { CheckMode } from '../trust/check-options.ts';
import type { RevokedRefusal } from './decide-revocation.ts';
import { decideLists, type ListsRefusal } from './decide-lists.ts';
import { isOutdated } from './list-status.ts';
import type { Revocation } from './revocation.ts';
import { standingPaths, type Standing } from './standing-paths.ts';
import type { ListRule, StoredList } from './stored-list.ts';

export interface ListsAtHand {
  readonly mode: CheckMode;
  /** All of the tenant's that are in force. */
  readonly lists: readonly StoredList[];
  readonly rules: readonly ListRule[];
  readonly at: Date;
}

export type StandingRefusal = RevokedRefusal | ListsRefusal;

/** `warning`: what a device would be refused for, were lists enforced, or some hours later. */
export type StandingByLists = Standing & { readonly warning?: StandingRefusal };

/** What of all that is said counts: lists only where they are enforced, and of these only those in force (D-45). */
export function whatCounts(said: readonly Revocation[], { mode, lists }: Pick<ListsAtHand, 'mode' | 'lists'>): readonly Revocation[] {
  const inForce = new Set<string>(mode === 'enforce' ? lists.filter((list) => !isOutdated(list, lists)).map(({ id }) => `crl:${id}`) : []);
  return said.filter(({ source }) => !source.startsWith('crl:') || inForce.has(source));
}

/** Which of a tenant's paths are not revoked, and spoken for by lists where these are asked? One is enough. */
export function standingByLists(paths: readonly TrustedPath[], said: readonly Revocation[], atHand: ListsAtHand): Decision<StandingByLists, StandingRefusal> {
  if (atHand.mode === 'enforce') return enforced(paths, said, atHand);
  const standing = standingPaths(paths, whatCounts(said, atHand));
  if (atHand.mode === 'off' || !standing.granted) return standing;
  const would = enforced(paths, said, { ...atHand, mode: 'enforce' });
  const warning = would.granted ? would.value.warning : would.refusal;
  return grant({ ...standing.value, ...(warning && { warning }) });
}

function enforced(paths: readonly TrustedPath[], said: readonly Revocation[], atHand: ListsAtHand): Decision<StandingByLists, StandingRefusal> {
  const counting = whatCounts(said, atHand);
  const unrevoked = standingPaths(paths, counting);
  if (!unrevoked.granted) return unrevoked;
  const asked = paths.filter((path) => standingPaths([path], counting).granted).map((path) => listsSay(path, atHand));
  const spokenFor = asked.filter(({ path }) => path.anchors.length > 0);
  const [first] = spokenFor;
  if (!first) return refuse(asked[0]!.refusal!);
  const standing = standingPaths(spokenFor.map(({ path }) => path), counting);
  return standing.granted && first.warning ? grant({ ...standing.value, warning: first.warning }) : standing;
}

/** A path with those of its anchors whose lists speak for it; where there is none, what the first of them lacks. */
function listsSay(whole: TrustedPath, { lists, rules, at }: ListsAtHand) {
  const path = whole.certificates.slice(0, Math.max(1, whole.certificates.length - 1));
  let warning: ListsRefusal | undefined;
  let refusal: ListsRefusal | undefined;
  const anchors = whole.anchors.filter(({ certificate: { fingerprint } }) => {
    const own = lists.filter(({ anchor }) => anchor === fingerprint);
    const verdict = decideLists({ path, lists: own, rule: rules.find(({ anchor }) => anchor === fingerprint), at });
    if (verdict.granted) warning ??= verdict.value.warning;
    else refusal ??= verdict.refusal;
    return verdict.granted;
  });
  return { path: { ...whole, anchors }, warning, refusal };
}
