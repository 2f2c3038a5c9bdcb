import type { Certificate } from '../certificates/certificate.ts';
import type { NameKey } from '../certificates/distinguished-name.ts';
import { ALL_REASONS, pointKeys, scopeFacts, scopeKey, type DistributionPoint, type ScopeFacts } from './list-scope.ts';
import type { ListedCertificate, RevocationList } from './revocation-list.ts';

/** What remains to be known of a list once it was judged and its entries were put away. */
export interface ListFacts extends Pick<RevocationList, 'authorityKeyIdentifier' | 'number' | 'deltaOf'> {
  readonly issuer: NameKey;
  readonly scope: ScopeFacts;
}

/** Of a list that `judgeList` granted. */
export const factsOf = ({ issuer, scope, authorityKeyIdentifier, number, deltaOf }: RevocationList): ListFacts => ({
  issuer: issuer.key,
  scope: scopeFacts(scope, issuer),
  ...(authorityKeyIdentifier !== undefined && { authorityKeyIdentifier }),
  ...(number !== undefined && { number }),
  ...(deltaOf !== undefined && { deltaOf }),
});

/** What of a certificate lists speak about: whoever remembers it need not keep the whole. */
export type ListedAs = Pick<Certificate, 'subject' | 'issuer' | 'basicConstraints' | 'distributionPoints'>;

/** A list that may be used, with what it says of one certificate: its entry, or that it has none. */
export interface Statement<List extends ListFacts = ListFacts> {
  readonly list: List;
  readonly entry?: Omit<ListedCertificate, 'serialNumber'>;
}

export type ListStatus<List extends ListFacts = ListFacts> =
  | { readonly status: 'good'; readonly by: readonly List[] }
  | { readonly status: 'revoked'; readonly entry: Omit<ListedCertificate, 'serialNumber'>; readonly by: List }
  /** No list, or none for every reason, speaks for the certificate. */
  | { readonly status: 'unknown' };

/**
 * What lists say of a certificate (RFC 5280 §6.3.3). Whoever issued it is believed wherever it says "revoked", also in a list that is for other
 * certificates; "not revoked" takes lists that together speak for this certificate and every reason.
 */
export function statusByLists<List extends ListFacts>(certificate: ListedAs, statements: readonly Statement<List>[]): ListStatus<List> {
  const own = statements.filter(({ list }) => list.issuer === certificate.issuer.key);
  const full = own.filter(({ list }) => list.deltaOf === undefined);
  const deltas = own.filter(({ list }) => list.deltaOf !== undefined && !isOutdated(list, own.map((it) => it.list)));
  for (const { list, entry } of [...full.map((it) => newest(it, deltas)), ...deltas]) {
    if (entry && entry.reason !== 'removeFromCRL') return { status: 'revoked', entry, by: list };
  }
  const by = full.map(({ list }) => list);
  const covered = by.reduce((mask, list) => mask | reasonsFor(certificate, list), 0);
  return covered === ALL_REASONS ? { status: 'good', by } : { status: 'unknown' };
}

/** The statement of a list, or of the newest delta to it that speaks of the certificate (RFC 5280 §5.2.4, §6.3.3 (c), (h)–(j)). */
function newest<List extends ListFacts>(full: Statement<List>, deltas: readonly Statement<List>[]): Statement<List> {
  const later = deltas.filter(({ list, entry }) => entry && isOfOneSource(full.list, list) && numberOf(list, 'deltaOf') <= numberOf(full.list));
  return later.reduce((best, it) => (numberOf(it.list) >= numberOf(best.list) ? it : best), full);
}

/** Whether a delta counts no more, for all that it says is in a later one of `lists`. */
export const isOutdated = (list: ListFacts, lists: readonly ListFacts[]): boolean => list.deltaOf !== undefined && lists.some((it) => outdates(it, list));

/** Whether a list came after a delta and says all that the delta said: a full one, or a delta to the same list or an older one. */
const outdates = (later: ListFacts, delta: ListFacts): boolean =>
  isOfOneSource(later, delta) && numberOf(delta) < numberOf(later) && numberOf(later, 'deltaOf') <= numberOf(delta, 'deltaOf');

/** RFC 5280 §6.3.3 (c): a delta belongs to lists of the same key and scope. */
const isOfOneSource = (a: ListFacts, b: ListFacts): boolean =>
  a.issuer === b.issuer && a.authorityKeyIdentifier === b.authorityKeyIdentifier && scopeKey(a.scope) === scopeKey(b.scope);

/** A list without a number is older than every other, and no delta is to it. */
const numberOf = (list: ListFacts, which: 'number' | 'deltaOf' = 'number'): bigint => list[which] ?? -1n;

/** For which reasons a list speaks of a certificate; 0: not at all (RFC 5280 §6.3.3 (b), (d)). */
function reasonsFor(certificate: ListedAs, { scope }: ListFacts): number {
  const isCa = certificate.basicConstraints?.ca === true;
  if (scope.only === 'attributes' || (scope.only === 'users' && isCa) || (scope.only === 'cas' && !isCa)) return 0;
  const points = certificate.distributionPoints ?? [impliedPoint(certificate)];
  const matching = points.filter((point) => !point.ofAnother && isSamePoint(scope.points, pointKeys(point, certificate.issuer)));
  return matching.reduce((mask, { reasons }) => mask | (reasons & scope.reasons), 0);
}

/** RFC 5280 §6.3.3: a certificate without points has one, named as its issuer. */
const impliedPoint = ({ issuer }: ListedAs): DistributionPoint => ({ names: [{ form: 'directory', name: issuer }], reasons: ALL_REASONS, ofAnother: false });

const isSamePoint = (listed: readonly string[] | undefined, named: readonly string[] | undefined): boolean =>
  listed === undefined || (named?.some((name) => listed.includes(name)) ?? false);
