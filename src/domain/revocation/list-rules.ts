import { refuse, grant, type Decision } from '../shared/decision.ts';
import type { RefusalOf } from '../shared/refusal-of.ts';
import type { ResponderRule } from './responder-answer.ts';
import { MOST_LISTS, type ListRule } from './stored-list.ts';

const LONGEST_URL = 2_000;

/** Visible ASCII with a host: what else a URL may hold, its reader refuses before anything is sent. No user and password: they would be in every listing. */
const URL_FORM = /^https?:\/\/(?=[^/?#@]+(?:[/?]|$))[!-~]+$/;

/** Whether a rule makes sense; the evidence says what of it does not. */
export function checkRule<Rule extends Pick<ListRule, 'urls' | 'acceptHours' | 'refuseHours'>>(rule: Rule): Decision<Rule, RefusalOf<'list.unusable-rule'>> {
  const { urls, acceptHours, refuseHours } = rule;
  const wrong = urls.find((url) => url.length > LONGEST_URL || !URL_FORM.test(url) || url.includes('#'));
  if (wrong !== undefined) return unusable({ url: wrong.slice(0, 100) });
  if (urls.length > MOST_LISTS.urlsPerAnchor || new Set(urls).size !== urls.length) return unusable({ urls: urls.length });
  const areHours = [acceptHours, refuseHours].every((hours) => Number.isInteger(hours) && hours >= 0 && hours <= MOST_LISTS.hours);
  return areHours && acceptHours <= refuseHours ? grant(rule) : unusable({ acceptHours, refuseHours });
}

/** The same for responders. Without a URL nobody is asked, and a hard rule would keep everybody out for ever. */
export function checkResponderRule(rule: ResponderRule): Decision<ResponderRule, RefusalOf<'ocsp.unusable-rule'>> {
  const checked = rule.urls.length === 0 ? unusable({ urls: 0 }) : checkRule(rule);
  return checked.granted ? checked : refuse({ ...checked.refusal, code: 'ocsp.unusable-rule' });
}

const unusable = (evidence: NonNullable<RefusalOf<'list.unusable-rule'>['evidence']>) => refuse({ code: 'list.unusable-rule' as const, evidence });
