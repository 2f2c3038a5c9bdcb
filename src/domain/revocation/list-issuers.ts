import { buildPaths } from '../certificates/build-paths.ts';
import type { Certificate } from '../certificates/certificate.ts';
import type { PathRuleCode } from '../certificates/path-rules.ts';
import { RuleWork } from '../certificates/rule-work.ts';
import { askAll } from '../certificates/validate-path.ts';
import type { TrustAnchor } from '../trust/trust-anchor.ts';
import type { RevocationList } from './revocation-list.ts';

/** What is asked of devices alone. */
export const DEVICE_RULES: ReadonlySet<PathRuleCode> = new Set(['path.key-usage', 'path.extended-key-usage'] as const);

interface Question {
  readonly list: Pick<RevocationList, 'issuer'>;
  /** The CA whose list it is said to be. */
  readonly anchor: TrustAnchor;
  /** Certificates that came along, in any order. */
  readonly others: readonly Certificate[];
  readonly verifies: (child: Certificate, issuer: Certificate) => boolean;
  readonly at: Date;
}

/**
 * Who may have made a list: every certificate with its issuer's name that is the trusted CA, or of which a path to it holds (RFC 5280
 * §6.3.3 (f)). A CA may sign its lists by another key than its certificates.
 */
export function listIssuers({ list, anchor, others, verifies, at }: Question): readonly Certificate[] {
  const candidates = [anchor.certificate, ...others].filter(({ subject }) => subject.key === list.issuer.key);
  return candidates.filter((candidate) => {
    const found = buildPaths({ chain: [candidate, ...others], anchors: [anchor], verifies });
    const work = new RuleWork();
    const holding = found.paths.filter((path) => [...askAll(path, { at, work })].every(({ holds, rule }) => holds || DEVICE_RULES.has(rule.code)));
    return holding.length > 0 && !found.exhausted && !work.isSpent;
  });
}
