import { shortNameText } from '../certificates/distinguished-name.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { RefusalOf } from '../shared/refusal-of.ts';
import { statusByLists, type ListedAs } from './list-status.ts';
import { USUAL_RULE, type ListRule, type StoredList } from './stored-list.ts';

export type ListsRefusal = RefusalOf<'revocation.list-missing' | 'revocation.list-stale'>;

export interface ListsQuestion {
  /** The certificates that can be revoked, leaf first. */
  readonly path: readonly ListedAs[];
  /** The lists of the path's trusted CA that are in force. */
  readonly lists: readonly StoredList[];
  /** Of that CA; undefined: nothing was said. */
  readonly rule: ListRule | undefined;
  readonly at: Date;
}

/** `warning`: what will be refused for when the lists get older by some hours. */
export type ListsVerdict = Decision<{ readonly warning?: ListsRefusal }, ListsRefusal>;

/**
 * Do lists speak for every certificate of a path, and are they new enough? What they say is not asked here. A CA of which the tenant has neither a
 * list nor a rule is not asked for any: whoever wants lists of it says so by a rule.
 */
export function decideLists({ path, lists, rule, at }: ListsQuestion): ListsVerdict {
  if (!rule && lists.length === 0) return grant({});
  const { acceptHours, refuseHours, missing } = rule ?? USUAL_RULE;
  const youngerThan = (hours: number) => lists.filter(({ nextUpdate }) => at.getTime() <= nextUpdate.getTime() + hours * HOUR);
  let warning: ListsRefusal | undefined;
  // From the anchor down, as RFC 5280 §6.1 walks.
  for (const [depth, certificate] of [...path.entries()].reverse()) {
    if (isCovered(certificate, youngerThan(acceptHours))) continue;
    const stale: ListsRefusal = { code: 'revocation.list-stale', depth, evidence: { ...of(certificate), ...newest(certificate, lists) } };
    if (isCovered(certificate, youngerThan(refuseHours))) warning ??= stale;
    else if (isCovered(certificate, lists)) return refuse(stale);
    else if (missing === 'refuse') return refuse({ code: 'revocation.list-missing', depth, evidence: of(certificate) });
  }
  return grant(warning ? { warning } : {});
}

const HOUR = 3_600_000;

const isCovered = (certificate: ListedAs, lists: readonly StoredList[]): boolean =>
  statusByLists(certificate, lists.map((list) => ({ list }))).status === 'good';

const of = ({ subject, issuer }: ListedAs) => ({ certificate: shortNameText(subject), issuer: shortNameText(issuer) });

function newest({ issuer }: ListedAs, lists: readonly StoredList[]) {
  const ends = lists.filter((list) => list.issuer === issuer.key).map(({ nextUpdate }) => nextUpdate.toISOString());
  return { nextUpdate: ends.sort().at(-1) ?? 'none' };
}
