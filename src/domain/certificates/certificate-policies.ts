import { isSelfIssued, type Certificate } from './certificate.ts';
import type { RuleWork } from './rule-work.ts';

export const ANY_POLICY = '2.5.29.32.0';

/** RFC 5280 §4.2.1.5: what the issuer's domain calls `issuerDomain`, the subject's calls `subjectDomain`. */
export interface PolicyMapping {
  readonly issuerDomain: string;
  readonly subjectDomain: string;
}

/** RFC 5280 §4.2.1.11; certificates that may follow before the rule begins. */
export interface PolicyConstraints {
  readonly requireExplicitPolicy?: number;
  readonly inhibitPolicyMapping?: number;
}

/** RFC 5280 §6.1.1 (c)–(f). Fleetgate uses the defaults: any policy will do, none is demanded. */
export interface PolicyInputs {
  readonly initialPolicies?: readonly string[];
  readonly requireExplicitPolicy?: boolean;
  readonly inhibitPolicyMapping?: boolean;
  readonly inhibitAnyPolicy?: boolean;
}

/** What a certificate of the path made of the policies: nothing wrong, or which step of RFC 5280 it failed. */
export type PolicyVerdict = 'holds' | 'no-valid-policy' | 'maps-any-policy' | 'budget';

/** A node of one level of the policy graph (RFC 9618 §3): only the last level is ever asked, so only that is kept. */
interface Node {
  readonly expected: ReadonlySet<string>;
  /** The policies of the initial domain from which it descends. */
  readonly origins: ReadonlySet<string>;
}
type Level = ReadonlyMap<string, Node>;

/**
 * Walks RFC 5280 §6.1.3 (d)–(f), §6.1.4 (a)–(b), (h)–(j) and §6.1.5 (a)–(b), (g) with RFC 9618's graph in place of the tree, which can
 * grow without bound. `path` is leaf first, anchor last; the anchor brings its constraints, not its policies (RFC 5280 §6.1.1).
 * One verdict for each certificate, in the order of `path`.
 */
export function policyVerdicts(path: readonly Certificate[], work: RuleWork, inputs: PolicyInputs = {}): readonly PolicyVerdict[] {
  const below = path.length > 1 ? path.slice(0, -1) : path;
  const state = new PolicyState(below.length, work, inputs);
  if (path.length > 1) state.takeConstraints(path[path.length - 1]!);
  const verdicts = [...below].reverse().map((certificate, i) => state.step(certificate, i + 1 === below.length)).reverse();
  return path.length > 1 ? [...verdicts, 'holds'] : verdicts;
}

class PolicyState {
  readonly #work: RuleWork;
  readonly #initial: readonly string[];
  /** Undefined: NULL, no policy is valid any more. */
  #level: Level | undefined = new Map([[ANY_POLICY, { expected: new Set([ANY_POLICY]), origins: new Set([ANY_POLICY]) }]]);
  #explicit: number;
  #mapping: number;
  #inhibitAny: number;

  constructor(length: number, work: RuleWork, inputs: PolicyInputs) {
    this.#work = work;
    this.#initial = inputs.initialPolicies ?? [ANY_POLICY];
    this.#explicit = inputs.requireExplicitPolicy ? 0 : length + 1;
    this.#mapping = inputs.inhibitPolicyMapping ? 0 : length + 1;
    this.#inhibitAny = inputs.inhibitAnyPolicy ? 0 : length + 1;
  }

  /** One certificate, from the top; `isLast` for the leaf. */
  step(certificate: Certificate, isLast: boolean): PolicyVerdict {
    this.#level = this.#level && this.#descend(this.#level, certificate, isLast);
    if (this.#work.isSpent) return 'budget';
    if (this.#explicit === 0 && !this.#level) return 'no-valid-policy';
    if (isLast) return this.#wrapUp(certificate);
    const mappings = certificate.policyMappings ?? [];
    if (mappings.some(({ issuerDomain, subjectDomain }) => issuerDomain === ANY_POLICY || subjectDomain === ANY_POLICY)) return 'maps-any-policy';
    this.#level = this.#level && this.#map(this.#level, mappings);
    if (!isSelfIssued(certificate)) {
      this.#explicit = Math.max(0, this.#explicit - 1);
      this.#mapping = Math.max(0, this.#mapping - 1);
      this.#inhibitAny = Math.max(0, this.#inhibitAny - 1);
    }
    this.takeConstraints(certificate);
    return this.#work.isSpent ? 'budget' : 'holds';
  }

  /** §6.1.4 (i)–(j). */
  takeConstraints({ policyConstraints, inhibitAnyPolicy }: Certificate): void {
    this.#explicit = Math.min(this.#explicit, policyConstraints?.requireExplicitPolicy ?? Infinity);
    this.#mapping = Math.min(this.#mapping, policyConstraints?.inhibitPolicyMapping ?? Infinity);
    this.#inhibitAny = Math.min(this.#inhibitAny, inhibitAnyPolicy ?? Infinity);
  }

  /** §6.1.3 (d)–(e). */
  #descend(level: Level, certificate: Certificate, isLast: boolean): Level | undefined {
    const policies = certificate.policies;
    if (!policies) return undefined;
    const byExpected = this.#byExpected(level);
    const next = new Map<string, Node>();
    for (const policy of policies.filter((each) => each !== ANY_POLICY)) {
      const origins = byExpected.get(policy) ?? (level.has(ANY_POLICY) ? new Set([policy]) : undefined);
      if (origins) next.set(policy, { expected: new Set([policy]), origins });
    }
    const anyCounts = this.#inhibitAny > 0 || (!isLast && isSelfIssued(certificate));
    if (policies.includes(ANY_POLICY) && anyCounts) {
      for (const [policy, origins] of byExpected) next.set(policy, { expected: new Set([policy]), origins });
    }
    return next.size > 0 ? next : undefined;
  }

  /** Which policies the nodes of a level expect, and from where those descend. */
  #byExpected(level: Level): Map<string, Set<string>> {
    const found = new Map<string, Set<string>>();
    for (const { expected, origins } of level.values()) {
      for (const policy of expected) {
        if (!this.#work.spend(1 + origins.size)) return found;
        const all = found.get(policy) ?? new Set<string>();
        for (const origin of origins) all.add(origin);
        found.set(policy, all);
      }
    }
    return found;
  }

  /** §6.1.4 (b). */
  #map(level: Level, mappings: readonly PolicyMapping[]): Level {
    const next = new Map(level);
    const any = level.get(ANY_POLICY);
    for (const [issuerDomain, subjectDomains] of grouped(mappings)) {
      if (!this.#work.spend(1 + subjectDomains.size)) return next;
      const node = level.get(issuerDomain);
      if (this.#mapping === 0) next.delete(issuerDomain);
      else if (node) next.set(issuerDomain, { expected: subjectDomains, origins: node.origins });
      else if (any) next.set(issuerDomain, { expected: subjectDomains, origins: new Set([issuerDomain]) });
    }
    return next;
  }

  /** §6.1.5 (a), (b), (g). */
  #wrapUp({ policyConstraints }: Certificate): PolicyVerdict {
    const explicit = policyConstraints?.requireExplicitPolicy === 0 ? 0 : Math.max(0, this.#explicit - 1);
    return explicit > 0 || this.#suits() ? 'holds' : 'no-valid-policy';
  }

  #suits(): boolean {
    if (!this.#level) return false;
    if (this.#initial.includes(ANY_POLICY)) return true;
    const wanted = new Set(this.#initial);
    return [...this.#level.values()].some(
      ({ origins }) => (origins.has(ANY_POLICY) && wanted.size > 0) || [...origins].some((origin) => wanted.has(origin)),
    );
  }
}

function grouped(mappings: readonly PolicyMapping[]): Map<string, Set<string>> {
  const groups = new Map<string, Set<string>>();
  for (const { issuerDomain, subjectDomain } of mappings) {
    groups.set(issuerDomain, (groups.get(issuerDomain) ?? new Set()).add(subjectDomain));
  }
  return groups;
}
