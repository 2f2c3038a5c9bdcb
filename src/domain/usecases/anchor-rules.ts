import { auditEntry, type AuditEntry } from '../audit/audit-entry.ts';
import type { Fingerprint } from '../certificates/certificate.ts';
import type { Refusal } from '../refusal.ts';
import { grant, type Decision } from '../shared/decision.ts';
import type { TenantId } from '../trust/tenant.ts';
import { unknownAnchor } from '../trust/unknown-anchor.ts';
import type { AuditLog } from '../../ports/driven/audit-log.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { TrustAnchorStore } from '../../ports/driven/trust-anchor-store.ts';

interface OfAnchor {
  readonly tenant: TenantId;
  readonly anchor: Fingerprint;
}

/** Where the rules of one kind are kept: those about lists (D-44), or about responders (D-53). */
interface RuleStore<Rule> {
  ruleOf(tenant: TenantId, anchor: Fingerprint): Promise<Rule | undefined>;
  setRule(rule: Rule, audit?: readonly AuditEntry[]): Promise<void>;
  removeRule(tenant: TenantId, anchor: Fingerprint, audit?: readonly AuditEntry[]): Promise<boolean>;
}

export interface AnchorRulesNeeds<Rule> {
  readonly anchors: Pick<TrustAnchorStore, 'find'>;
  readonly store: RuleStore<Rule>;
  readonly clock: Clock;
  readonly audit: AuditLog;
  readonly check: (rule: Rule) => Decision<Rule, Refusal>;
  readonly of: 'list' | 'responder';
  /** The refusal where a CA has no such rule. */
  readonly unknown: (anchor: Fingerprint) => Decision<never, Refusal>;
}

/** How an operator's rule about one CA comes and goes: only of a CA that is there, and with what was before in the audit. */
export class AnchorRules<Rule extends OfAnchor> {
  readonly #needs: AnchorRulesNeeds<Rule>;

  constructor(needs: AnchorRulesNeeds<Rule>) {
    this.#needs = needs;
  }

  async set(rule: Rule, by: string): Promise<Decision<Rule, Refusal>> {
    const { anchors, store, clock, audit, check, of } = this.#needs;
    const { tenant, anchor, ...after } = rule;
    if (!(await anchors.find(tenant, anchor))) return unknownAnchor(anchor);
    const checked = check(rule);
    if (!checked.granted) return checked;
    const said = { what: `${of}.rule-set`, tenant, by, subject: anchor } as const;
    const before = await store.ruleOf(tenant, anchor);
    await store.setRule(rule, [auditEntry(said, clock.now(), { before: before && factsOf(before), after })]);
    audit.record(said);
    return checked;
  }

  async remove({ tenant, anchor }: OfAnchor, by: string): Promise<Decision<undefined, Refusal>> {
    const { store, clock, audit, of, unknown } = this.#needs;
    const said = { what: `${of}.rule-removed`, tenant, by, subject: anchor } as const;
    const before = await store.ruleOf(tenant, anchor);
    if (!before || !(await store.removeRule(tenant, anchor, [auditEntry(said, clock.now(), { before: factsOf(before) })]))) return unknown(anchor);
    audit.record(said);
    return grant(undefined);
  }
}

const factsOf = (rule: object): Readonly<Record<string, unknown>> => ({ ...rule });
