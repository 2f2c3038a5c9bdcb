import type { TrustedPath } from '../certificates/judge-paths.ts';
import type { Certificate, Fingerprint } from '../certificates/certificate.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { CheckMode } from '../trust/check-options.ts';
import { decideAnswers, type AnswersRefusal } from './decide-answers.ts';
import type { RevokedRefusal } from './decide-revocation.ts';
import { decideLists, type ListsRefusal, type ListsVerdict } from './decide-lists.ts';
import { isOutdated, type ListedAs } from './list-status.ts';
import type { KnownCertificate, ResponderRule } from './responder-answer.ts';
import { revocableOf, type RevocableCertificate, type Revocation } from './revocation.ts';
import { standingPaths, type Standing } from './standing-paths.ts';
import type { ListRule, StoredList } from './stored-list.ts';

export interface ListsAtHand {
  readonly mode: CheckMode;
  /** All of the tenant's that are in force. */
  readonly lists: readonly StoredList[];
  readonly rules: readonly ListRule[];
  readonly at: Date;
  /** Nothing: no responder is asked. */
  readonly answers?: AnswersAtHand;
}

export interface AnswersAtHand {
  readonly mode: CheckMode;
  /** What is known of the certificates that are asked about. */
  readonly known: readonly KnownCertificate[];
  readonly rules: readonly ResponderRule[];
}

type Spoken = ListsRefusal | AnswersRefusal;

export type StandingRefusal = RevokedRefusal | Spoken;

/** `warning`: what a device would be refused for, were lists and answers enforced, or some hours later. */
export type StandingByLists = Standing & { readonly warning?: StandingRefusal };

/** What of all that is said counts: lists and responders only where they are enforced, and of lists only those in force (D-45, D-53). */
export function whatCounts(said: readonly Revocation[], { mode, lists, answers }: Pick<ListsAtHand, 'mode' | 'lists' | 'answers'>): readonly Revocation[] {
  const inForce = new Set<string>(mode === 'enforce' ? lists.filter((list) => !isOutdated(list, lists)).map(({ id }) => `crl:${id}`) : []);
  return said.filter(({ source }) => (source === 'ocsp' ? (answers?.mode ?? 'enforce') === 'enforce' : !source.startsWith('crl:') || inForce.has(source)));
}

/** Which of a tenant's paths are not revoked, and spoken for by lists and responders where these are asked? One is enough. */
export function standingByLists(paths: readonly TrustedPath[], said: readonly Revocation[], atHand: ListsAtHand): Decision<StandingByLists, StandingRefusal> {
  const standing = enforced(paths, said, atHand);
  if (!standing.granted || (atHand.mode !== 'report' && atHand.answers?.mode !== 'report')) return standing;
  const would = enforced(paths, said, asIfEnforced(atHand));
  const warning = would.granted ? would.value.warning : would.refusal;
  return grant({ ...standing.value, ...(warning && { warning }) });
}

const asIfEnforced = (atHand: ListsAtHand): ListsAtHand => ({
  ...{ ...atHand, mode: atHand.mode === 'report' ? 'enforce' : atHand.mode },
  ...(atHand.answers?.mode === 'report' && { answers: { ...atHand.answers, mode: 'enforce' } }),
});

/** By what is enforced alone. */
function enforced(paths: readonly TrustedPath[], said: readonly Revocation[], atHand: ListsAtHand): Decision<StandingByLists, StandingRefusal> {
  const counting = whatCounts(said, atHand);
  const unrevoked = standingPaths(paths, counting);
  if (!unrevoked.granted) return unrevoked;
  const asked = paths.filter((path) => standingPaths([path], counting).granted).map((path) => spokenFor(path, atHand));
  const standing = asked.filter(({ path }) => path.anchors.length > 0);
  const [first] = standing;
  if (!first) return refuse(asked[0]!.refusal!);
  const judged = standingPaths(standing.map(({ path }) => path), counting);
  return judged.granted && first.warning ? grant({ ...judged.value, warning: first.warning }) : judged;
}

/** A path with those of its anchors whose lists and responders speak for it; where there is none, what the first of them lacks. */
function spokenFor(whole: TrustedPath, atHand: ListsAtHand) {
  let warning: Spoken | undefined;
  let refusal: Spoken | undefined;
  const anchors = whole.anchors.filter(({ certificate: { fingerprint } }) => {
    const said = saidAt(fingerprint, { listed: listedOn(whole), path: revocableOf(whole.certificates) }, atHand);
    if (!said.granted) refusal ??= said.refusal;
    else warning ??= said.value.warning;
    return said.granted;
  });
  return { path: { ...whole, anchors }, warning, refusal };
}

/** The certificates that lists and responders speak about, leaf first. */
interface Below {
  readonly listed: readonly ListedAs[];
  readonly path: readonly RevocableCertificate[];
}

const listedOn = ({ certificates }: TrustedPath): readonly Certificate[] => certificates.slice(0, Math.max(1, certificates.length - 1));

/** What the lists and then the responders of one trusted CA leave unsaid, of what is enforced. */
function saidAt(anchor: Fingerprint, { listed, path }: Below, { mode, lists, rules, answers, at }: ListsAtHand): Decision<{ readonly warning?: Spoken }, Spoken> {
  const isOf = (it: { readonly anchor: Fingerprint }): boolean => it.anchor === anchor;
  const byLists: ListsVerdict = mode === 'enforce' ? decideLists({ path: listed, lists: lists.filter(isOf), rule: rules.find(isOf), at }) : grant({});
  if (!byLists.granted || answers?.mode !== 'enforce') return byLists;
  const byAnswers = decideAnswers({ path, known: answers.known.filter(isOf), rule: answers.rules.find(isOf), at });
  return byAnswers.granted && byLists.value.warning ? byLists : byAnswers;
}

/** What a session keeps of the path by which it was let in, so that it ends when lists or answers grow too old (D-54). */
export interface RestsOn {
  readonly anchors: readonly Fingerprint[];
  readonly listed: readonly ListedAs[];
}

export const restsOn = (path: TrustedPath): RestsOn => ({
  anchors: path.anchors.map(({ certificate }) => certificate.fingerprint),
  listed: listedOn(path).map(({ subject, issuer, basicConstraints, distributionPoints }) => ({ subject, issuer, ...(basicConstraints && { basicConstraints }), ...(distributionPoints && { distributionPoints }) })),
});

/** These end a session. What is only missing does not: it was taken away by an operator, or a rule was set of which nobody has heard yet. */
const ENDING: ReadonlySet<Spoken['code']> = new Set<Spoken['code']>(['revocation.list-stale', 'revocation.ocsp-stale', 'revocation.ocsp-unknown']);

/** Why a session may not go on: at every trusted CA of its path something that was said grew too old, or was taken back. */
export function outgrown({ anchors, listed }: RestsOn, path: readonly RevocableCertificate[], atHand: ListsAtHand): Spoken | undefined {
  const said = anchors.map((anchor) => saidAt(anchor, { listed, path }, atHand));
  const refusals = said.flatMap((each) => (each.granted || !ENDING.has(each.refusal.code) ? [] : [each.refusal]));
  return refusals.length === said.length ? refusals[0] : undefined;
}
