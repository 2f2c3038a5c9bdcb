import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { RefusalOf } from '../shared/refusal-of.ts';
import type { Certificate } from './certificate.ts';
import { isSelfIssued } from './certificate.ts';
import { PATH_RULES, type Link, type PathRuleCode } from './path-rules.ts';

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

/** Decides whether `path` holds at `at`: the first broken rule, walking from the anchor down to the leaf as RFC 5280 §6.1 does. */
export function validatePath(path: CandidatePath, at: Date): Decision<TrustedLeaf, RefusalOf<PathRuleCode>> {
  for (const { depth, link, rule, holds } of askAll(path, at)) {
    if (!holds) return refuse({ code: rule.code, depth, evidence: rule.evidence(link) });
  }
  return grant(path.certificates[0] as TrustedLeaf);
}

/** Every rule of every certificate, in the order of the walk. `validatePath` stops at the first that is broken, `explain` at none. */
export function* askAll(path: CandidatePath, at: Date): Generator<Asked> {
  for (const { depth, link } of linksOf(path, at)) {
    for (const rule of PATH_RULES) yield { depth, link, rule, holds: rule.holds(link) };
  }
}

function linksOf({ certificates, signed }: CandidatePath, at: Date): { depth: number; link: Link }[] {
  let casBelow = 0;
  const upwards = certificates.map((certificate, depth) => {
    const issuer = certificates[depth + 1];
    const link: Link = {
      certificate,
      ...(issuer && { issuer }),
      signed: signed[depth] ?? 'not-tried',
      isLeaf: depth === 0,
      casBelow,
      at,
    };
    if (depth > 0 && !isSelfIssued(certificate)) casBelow += 1;
    return { depth, link };
  });
  return upwards.reverse();
}
