import type { PathRefusalCode, TenantRefusalCode } from '../refusals/codes.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { RefusalOf } from '../shared/refusal-of.ts';
import { isInForce, type TrustAnchor } from '../trust/trust-anchor.ts';
import type { AnchoredPath, FoundPaths } from './build-paths.ts';
import type { PolicyInputs } from './certificate-policies.ts';
import { shortNameText } from './distinguished-name.ts';
import { nearMissEvidence } from './near-miss.ts';
import { PATH_RULES } from './path-rules.ts';
import { RuleWork } from './rule-work.ts';
import { validatePath, type PathQuestion, type TrustedLeaf } from './validate-path.ts';

/** The leaf, and every anchor in force at the end of a path that holds; of one or more tenants, never empty. */
export interface Trusted {
  readonly leaf: TrustedLeaf;
  readonly anchors: readonly TrustAnchor[];
  /** The paths that hold, each with those of the anchors that are its last certificate. */
  readonly paths: readonly TrustedPath[];
}

export interface TrustedPath {
  /** Leaf first, anchor last. */
  readonly certificates: AnchoredPath['certificates'];
  readonly anchors: readonly TrustAnchor[];
}

export type PathsRefusal = RefusalOf<PathRefusalCode | Extract<TenantRefusalCode, `tenant.${'no-anchor-found' | 'anchor-disabled' | 'anchor-inert'}`>>;

/** Which of the paths hold? When none does, the refusal is that of the most promising one: the one that was nearest to holding. */
export function judgePaths(found: FoundPaths, at: Date, policies: PolicyInputs = {}): Decision<Trusted, PathsRefusal> {
  if (found.exhausted) return refuse({ code: 'path.budget-exhausted' });
  const work = new RuleWork();
  const judged = found.paths.map((path) => judgedPath(path, { at, work, policies }));
  // A path that was not judged to its end might have been another tenant's.
  if (work.isSpent) return refuse({ code: 'path.too-much-to-compare' });
  const paths: TrustedPath[] = [];
  let leaf: TrustedLeaf | undefined;
  for (const { path, verdict } of judged) {
    if (!verdict.granted) continue;
    leaf = verdict.value;
    paths.push({ certificates: path.certificates, anchors: path.anchors.filter(isInForce) });
  }
  const anchors = paths.flatMap((path) => path.anchors);
  if (leaf && anchors.length > 0) return grant({ leaf, anchors, paths });
  const best = nearest(judged);
  return refuse(best ? refusalOf(best) : withoutPath(found));
}

/** The path that a person should hear about; undefined when no name led to any anchor. Also what `explain` prints. */
export function mostPromising(paths: readonly AnchoredPath[], at: Date): AnchoredPath | undefined {
  const work = new RuleWork();
  return nearest(paths.map((path) => judgedPath(path, { at, work })))?.path;
}

interface JudgedPath {
  readonly path: AnchoredPath;
  readonly verdict: ReturnType<typeof validatePath>;
}

const judgedPath = (path: AnchoredPath, question: PathQuestion): JudgedPath => ({ path, verdict: validatePath(path, question) });

function nearest(judged: readonly JudgedPath[]): JudgedPath | undefined {
  const rated = judged.map((it) => ({ it, promise: promise(it) }));
  return rated.sort((a, b) => b.promise - a.promise)[0]?.it;
}

/**
 * How near a path came to holding. One that ends where nobody proved possession comes last: a stranger may have stored that anchor (D-6).
 * Signatures that verify count most, and one that was not worth checking more than one that is wrong, or
 * whoever stores a CA of the same name would tell the device what is wrong with it; then that nothing but the anchor's state was wrong, then
 * an anchor in force, then how far down the walk came before a rule broke.
 */
function promise({ path, verdict }: JudgedPath): number {
  const inForce = path.anchors.some(isInForce);
  const descended = verdict.granted ? 0 : path.certificates.length - (verdict.refusal.depth ?? 0);
  const row = verdict.granted ? 0 : PATH_RULES.findIndex(({ code }) => code === verdict.refusal.code);
  const isOnlyInert = path.anchors.every(({ inert }) => inert);
  return (isOnlyInert ? 0 : 4e6) + signedness(path) * 1e6 + (verdict.granted ? 1e5 : 0) + (inForce ? 1e4 : 0) + descended * PATH_RULES.length + row;
}

function signedness({ signed }: AnchoredPath): number {
  if (signed.every((link) => link === 'yes')) return 2;
  return signed.includes('no') ? 0 : 1;
}

function refusalOf({ path, verdict }: JudgedPath): PathsRefusal {
  if (!verdict.granted) return verdict.refusal;
  const depth = path.certificates.length - 1;
  const evidence = { anchor: shortNameText(path.certificates[depth]!.subject) };
  const isDisabled = path.anchors.some(({ status }) => status === 'disabled');
  return { code: isDisabled ? 'tenant.anchor-disabled' : 'tenant.anchor-inert', depth, evidence };
}

function withoutPath({ tooLong, topmost, forged, nearly }: FoundPaths): PathsRefusal {
  if (tooLong) return { code: 'path.too-many-certificates' };
  const hint = nearly ? nearMissEvidence(forged?.certificate ?? topmost, nearly) : {};
  if (forged) {
    const { certificate, depth } = forged;
    const evidence = { certificate: shortNameText(certificate.subject), issuer: shortNameText(certificate.issuer), ...hint };
    return { code: 'path.signature-invalid', depth, evidence };
  }
  return {
    code: 'tenant.no-anchor-found',
    evidence: { topmost: shortNameText(topmost.subject), issuer: shortNameText(topmost.issuer), ...hint },
  };
}
