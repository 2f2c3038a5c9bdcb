/** Where a device asks for its token, and where the answer comes (wire-contract §3.1). */
export const TOKEN_REQUESTS = 's/uat';
export const TOKEN_ANSWERS = 's/dat';
/** Where a device is told what went wrong (wire-contract §5.4). */
export const ERRORS = 's/e';

export type TopicKind = 'token-request' | 'upstream' | 'downstream' | 'unknown';

/** `s`, `t`, `q` and `c` are the processing modes persistent, transient, quiescent and CEP (wire-contract §5.1). */
const SMARTREST = /^[stqc]\/us(\/.+)?$/;
const UPSTREAM: readonly RegExp[] = [
  SMARTREST,
  /^[stqc]\/uc\/.+$/,
  /^s\/ut\/.+$/,
  /^inventory\/managedObjects\/update\/.+$/,
  /^measurement\/measurements\/create(Bulk)?$/,
  /^event\/events\/create(Bulk)?$/,
  /^alarm\/alarms\/create(Bulk)?$/,
];

/** What a device may read; each is its own stream of messages, whatever others subscribe. `<x>` is one level. */
const DOWNSTREAM: readonly RegExp[] = [
  /^s\/(ds|dt|e|dat)$/,
  /^s\/(dc|dl|ol)\/[^/+#]+$/,
  /^devicecontrol\/notifications$/,
  /^error$/,
];

/** The one wildcard that clients subscribe (thin-edge, wire-contract §2.7). */
const GRANTED_WILDCARD = 's/dc/#';

/** Whether SmartREST of the static templates comes on `topic`: `s/us`, or `s/us/<child>` about another device. */
export const isSmartrest = (topic: string): boolean => SMARTREST.test(topic);
export const isAboutChild = (topic: string): boolean => topic.split('/').length > 2;

/** What publishing on `topic`, which is a legal topic name, means (D-16). */
export function topicKind(topic: string): TopicKind {
  if (topic === TOKEN_REQUESTS) return 'token-request';
  if (UPSTREAM.some((pattern) => pattern.test(topic))) return 'upstream';
  return DOWNSTREAM.some((pattern) => pattern.test(topic)) ? 'downstream' : 'unknown';
}

/** Whether and why not a legal topic filter is granted. */
export type FilterVerdict = 'granted' | 'shared' | 'not-allowed' | 'no-such-topic';

export function judgeFilter(filter: string): FilterVerdict {
  if (filter === GRANTED_WILDCARD || DOWNSTREAM.some((pattern) => pattern.test(filter))) return 'granted';
  if (filter.startsWith('$share/')) return 'shared';
  const reachesFurther = /[+#]/.test(filter) || filter.startsWith('$');
  return reachesFurther || topicKind(filter) !== 'unknown' ? 'not-allowed' : 'no-such-topic';
}

/** Whether somebody else than the gate may send to a device on `topic`. Tokens come from the gate alone. */
export const isForOthers = (topic: string): boolean => topic !== TOKEN_ANSWERS && topicKind(topic) === 'downstream';

/** The filters by which a device may listen on `topic`. */
export const filtersOf = (topic: string): readonly string[] => (topic.startsWith('s/dc/') ? [topic, GRANTED_WILDCARD] : [topic]);
