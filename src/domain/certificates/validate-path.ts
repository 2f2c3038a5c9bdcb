import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { RefusalOf } from '../shared/refusal-of.ts';
import type { Certificate } from './certificate.ts';
import { isSelfIssued } from './certificate.ts';
import { policyVerdicts, type PolicyInputs } from './certificate-policies.ts';
import type { NameConstraints } from './general-name.ts';
import { breachOf } from './name-constraints.ts';
import type { Link } from './path-rule.ts';
import { PATH_RULES, type PathRuleCode } from './path-rules.ts';
import type { RuleWork } from './rule-work.ts';

declare const trusted: unique symbol;
/** A device certificate whose path holds. Only `validatePath` makes one; identity needs one. */
export type TrustedLeaf = Certificate & { readonly [trusted]: true };

/** A path as the search found it: leaf first, anchor last; the anchor may be the leaf itself (D-3). */
export interface CandidatePath {
  readonly certificates: readonly [Certificate, ...Certificate[]];
  /** Per certificate below the anchor: whether the one above it signed it. */
  readonly signed: readonly Link['signed'][];
}

/** One rule asked of one certificate. */
export interface Asked {
  readonly depth: number;
  readonly link: Link;
  readonly rule: (typeof PATH_RULES)[number];
  readonly holds: boolean;
}

/** Beside the path itself: when, and what the rules may still cost; the rest of RFC 5280 §6.1.1 has its defaults. */
export interface PathQuestion {
  readonly at: Date;
  /** One for all paths of a chain (D-11). */
  readonly work: RuleWork;
  readonly policies?: PolicyInputs;
}

/** Decides whether `path` holds: the first broken rule, walking from the anchor down to the leaf as RFC 5280 §6.1 does. */
export function validatePath(path: CandidatePath, question: PathQuestion): Decision<TrustedLeaf, RefusalOf<PathRuleCode>> {
  for (const { depth, link, rule, holds } of askAll(path, question)) {
    if (!holds) return refuse({ code: rule.code, depth, evidence: rule.evidence(link) });
  }
  return grant(path.certificates[0] as TrustedLeaf);
}

/** Every rule of every certificate, in the order of the walk. `validatePath` stops at the first that is broken, `explain` at none. */
export function* askAll(path: CandidatePath, question: PathQuestion): Generator<Asked> {
  for (const { depth, link } of linksOf(path, question)) {
    for (const rule of PATH_RULES) yield { depth, link, rule, holds: rule.holds(link) };
  }
}

/** From the anchor down. */
function linksOf({ certificates, signed }: CandidatePath, { at, work, policies }: PathQuestion): { depth: number; link: Link }[] {
  const verdicts = policyVerdicts(certificates, work, policies);
  const casBelow = casBelowEach(certificates);
  const above: NameConstraints[] = [];
  return [...certificates.keys()].reverse().map((depth) => {
    const certificate = certificates[depth]!;
    const issuer = certificates[depth + 1];
    const isLeaf = depth === 0;
    // RFC 5280 §6.1.3 (b)–(c): a self-issued CA is only passing through, and may bear names that it does not pass on.
    const isConstrained = isLeaf || !isSelfIssued(certificate);
    const link: Link = {
      certificate,
      ...(issuer && { issuer }),
      signed: signed[depth] ?? 'not-tried',
      isLeaf,
      casBelow: casBelow[depth]!,
      at,
      breach: isConstrained ? breachOf(certificate, above, work) : undefined,
      policy: verdicts[depth]!,
    };
    if (certificate.nameConstraints) above.push(certificate.nameConstraints);
    return { depth, link };
  });
}

/** For each certificate, how many below it count against its pathLenConstraint. */
function casBelowEach(certificates: readonly Certificate[]): readonly number[] {
  let counted = 0;
  return certificates.map((certificate, depth) => {
    const below = counted;
    if (depth > 0 && !isSelfIssued(certificate)) counted += 1;
    return below;
  });
}
