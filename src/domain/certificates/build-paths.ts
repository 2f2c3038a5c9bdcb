import { isInForce, type TrustAnchor } from '../trust/trust-anchor.ts';
import type { Certificate, Thumbprint } from './certificate.ts';
import type { NameKey } from './distinguished-name.ts';
import { hasFormOf, isAcceptedKey, isAcceptedSignature, signatureUnits } from './key-rules.ts';
import { nearMiss, type NearMiss } from './near-miss.ts';
import type { Link } from './path-rule.ts';
import type { CandidatePath } from './validate-path.ts';

/** D-11. `steps` bounds the search itself, whose links may be free when they were checked before. */
export const SEARCH_BUDGET = { signatureUnits: 100, belowAnchor: 10, steps: 500 } as const;

export interface PathQuestion {
  /** As sent, the leaf first; the rest in any order, with strangers and duplicates (D-3). */
  readonly chain: readonly [Certificate, ...Certificate[]];
  /** Every anchor whose name could matter, of any tenant and state. */
  readonly anchors: readonly TrustAnchor[];
  /** Whether the key of the second made the signature of the first. Asked once per pair, and only for keys and algorithms of D-9. */
  readonly verifies: (child: Certificate, issuer: Certificate) => boolean;
}

/** A path with the anchors, of one or more tenants, that are its last certificate. */
export interface AnchoredPath extends CandidatePath {
  readonly anchors: readonly [TrustAnchor, ...TrustAnchor[]];
}

export interface FoundPaths {
  /** Every path from the leaf to an anchor whose names chain, those with a broken signature included. */
  readonly paths: readonly AnchoredPath[];
  /** The highest certificate that signatures lead to without an anchor: where the missing issuer would follow. */
  readonly topmost: Certificate;
  /** As high as the topmost one: a certificate whose issuer's name was sent, but not with the key that signed it. */
  readonly forged?: { readonly certificate: Certificate; readonly depth: number };
  /** What of the sent certificates is nearly the issuer of the forged one, or else of the topmost one. */
  readonly nearly?: NearMiss;
  /** The budget ran out: what was found is not all there is, and decides nothing. */
  readonly exhausted: boolean;
  /** A path was cut because it grew too long. */
  readonly tooLong: boolean;
}

/** Which paths lead from the leaf to an anchor of anyone? A depth-first search, safe against loops, within `SEARCH_BUDGET`. */
export function buildPaths(question: PathQuestion): FoundPaths {
  const search = new PathSearch(question);
  search.climb([question.chain[0]], []);
  return search.found();
}

type Signed = Link['signed'];

/** The state of one search: what was found, what was spent, which pairs were tried. */
class PathSearch {
  /** By subject. Sent certificates before stored ones: they are what the device says its path is. */
  readonly #named: ReadonlyMap<NameKey, readonly Certificate[]>;
  readonly #chain: PathQuestion['chain'];
  readonly #sent: ReadonlySet<Thumbprint>;
  readonly #anchorsOf: ReadonlyMap<Thumbprint, [TrustAnchor, ...TrustAnchor[]]>;
  readonly #verifies: PathQuestion['verifies'];
  readonly #tried = new Map<string, Signed>();
  readonly #entities = new Map<string, number>();
  readonly #paths: AnchoredPath[] = [];
  #forged: FoundPaths['forged'];
  #topmost: readonly [Certificate, number];
  #unitsLeft: number = SEARCH_BUDGET.signatureUnits;
  #stepsLeft: number = SEARCH_BUDGET.steps;
  #exhausted = false;
  #tooLong = false;

  constructor({ chain, anchors, verifies }: PathQuestion) {
    const ordered = fairOrder(anchors, chain);
    this.#chain = chain;
    this.#sent = new Set(chain.map(({ thumbprint }) => thumbprint));
    this.#named = bySubject([...chain, ...ordered.map(({ certificate }) => certificate)]);
    this.#anchorsOf = byCertificate(ordered);
    this.#verifies = verifies;
    this.#topmost = [chain[0], 0];
  }

  found(): FoundPaths {
    const [topmost, height] = this.#topmost;
    // Where the climb went on beyond it by another certificate of that name, the wrong one is a stranger.
    const forged = this.#forged && this.#forged.depth >= height - 1 ? this.#forged : undefined;
    const nearly = this.#paths.length > 0 ? undefined : nearMiss(forged?.certificate ?? topmost, this.#chain, { sameNameFailed: forged !== undefined });
    const known = { paths: this.#paths, topmost, exhausted: this.#exhausted, tooLong: this.#tooLong, ...(nearly && { nearly }) };
    return forged ? { ...known, forged } : known;
  }

  /** `below` is the path so far, leaf first; `signed` says for all but its last whether the next one signed it. */
  climb(below: readonly [Certificate, ...Certificate[]], signed: readonly Signed[]): void {
    if (this.#stepsLeft-- <= 0) {
      this.#exhausted = true;
      return;
    }
    const top = below[below.length - 1]!;
    const anchors = this.#anchorsOf.get(top.thumbprint);
    if (anchors) this.#paths.push({ certificates: below, signed, anchors });
    if (below.length > this.#topmost[1]) this.#topmost = [top, below.length];
    for (const issuer of this.#issuersOf(top, below)) this.#tryIssuer(issuer, below, signed);
  }

  #tryIssuer(issuer: Certificate, below: readonly [Certificate, ...Certificate[]], signed: readonly Signed[]): void {
    if (below.length > SEARCH_BUDGET.belowAnchor) {
      this.#tooLong = true;
      return;
    }
    const child = below[below.length - 1]!;
    const depth = below.length - 1;
    const link = this.#linkOf(child, issuer);
    if (this.#exhausted) return;
    if (link === 'no' && depth >= (this.#forged?.depth ?? 0)) this.#forged = { certificate: child, depth };
    const path: AnchoredPath['certificates'] = [...below, issuer];
    // Only the last certificate of a path may come from a store. A broken signature ends the climb; at an anchor it is still worth telling.
    if (link !== 'no' && this.#sent.has(issuer.thumbprint)) return this.climb(path, [...signed, link]);
    const anchors = this.#anchorsOf.get(issuer.thumbprint);
    if (anchors) this.#paths.push({ certificates: path, signed: [...signed, link], anchors });
  }

  /** A path that meets the same name with the same key again only goes round (RFC 4158 §5.2). */
  #issuersOf(child: Certificate, path: readonly Certificate[]): readonly Certificate[] {
    const issuers = this.#named.get(child.issuer.key) ?? [];
    const namesakes = path.filter(({ subject }) => subject.key === child.issuer.key);
    if (namesakes.length === 0) return issuers;
    const met = new Set(namesakes.map((certificate) => this.#entityOf(certificate)));
    return issuers.filter((issuer) => !met.has(this.#entityOf(issuer)));
  }

  /** One number for one name and key. A search asks some hundred thousand times, so that keys are not compared byte by byte each time. */
  #entityOf({ thumbprint, subject, publicKey }: Certificate): number {
    const known = this.#entities.get(thumbprint);
    if (known !== undefined) return known;
    const nameAndKey = `${subject.key}\u0003${String.fromCharCode(...publicKey.spki)}`;
    const entity = this.#entities.get(nameAndKey) ?? this.#entities.size;
    this.#entities.set(nameAndKey, entity).set(thumbprint, entity);
    return entity;
  }

  #linkOf(child: Certificate, issuer: Certificate): Signed {
    // What the rules refuse anyway is not worth the work; the path is kept so that the right rule can say so.
    if (!isAcceptedKey(issuer.publicKey) || !isAcceptedSignature(child.signature)) return 'not-tried';
    const pair = `${child.thumbprint}${issuer.thumbprint}`;
    const known = this.#tried.get(pair);
    if (known) return known;
    if (!hasFormOf(issuer.publicKey, child)) return 'no';
    const units = signatureUnits(issuer.publicKey);
    if (units > this.#unitsLeft) {
      this.#exhausted = true;
      return 'not-tried';
    }
    this.#unitsLeft -= units;
    const link = this.#verifies(child, issuer) ? 'yes' : 'no';
    this.#tried.set(pair, link);
    return link;
  }
}

/** The first of each, in order. */
function bySubject(certificates: readonly Certificate[]): Map<NameKey, Certificate[]> {
  const groups = new Map<NameKey, Certificate[]>();
  const seen = new Set<Thumbprint>();
  for (const certificate of certificates) {
    if (seen.has(certificate.thumbprint)) continue;
    seen.add(certificate.thumbprint);
    const group = groups.get(certificate.subject.key);
    if (group) group.push(certificate);
    else groups.set(certificate.subject.key, [certificate]);
  }
  return groups;
}

function byCertificate(anchors: readonly TrustAnchor[]): Map<Thumbprint, [TrustAnchor, ...TrustAnchor[]]> {
  const groups = new Map<Thumbprint, [TrustAnchor, ...TrustAnchor[]]>();
  for (const anchor of anchors) {
    const group = groups.get(anchor.certificate.thumbprint);
    if (group) group.push(anchor);
    else groups.set(anchor.certificate.thumbprint, [anchor]);
  }
  return groups;
}

/**
 * D-11: proven anchors first, then those in force, then those whose key identifier a sent certificate asks for, then the tenants in
 * turn, so that no tenant's many anchors of one name use up the budget of another's.
 */
function fairOrder(anchors: readonly TrustAnchor[], sent: readonly Certificate[]): TrustAnchor[] {
  const asked = new Set(sent.map(({ authorityKeyIdentifier }) => authorityKeyIdentifier));
  const seen = new Map<string, number>();
  const ranked = anchors.map((anchor) => {
    const turn = seen.get(anchor.tenant) ?? 0;
    seen.set(anchor.tenant, turn + 1);
    const isAsked = asked.has(anchor.certificate.subjectKeyIdentifier ?? 'none');
    const flags = [anchor.possessionProven, isInForce(anchor), isAsked].map((good): number => (good ? 0 : 1));
    return { anchor, rank: [...flags, turn] };
  });
  return ranked.sort((a, b) => compare(a.rank, b.rank)).map(({ anchor }) => anchor);
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, i) => value !== b[i]);
  // Where all are equal, there is nothing at -1.
  return (a[at] ?? 0) - (b[at] ?? 0);
}
