import { parseFingerprint, type Fingerprint } from '../certificates/certificate.ts';
import type { Refusal } from '../refusal.ts';
import { checkResponderRule } from '../revocation/list-rules.ts';
import type { KnownCertificate, ResponderRule } from '../revocation/responder-answer.ts';
import { parseSerialNumber } from '../revocation/revocation.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { TenantId } from '../trust/tenant.ts';
import { unknownAnchor } from '../trust/unknown-anchor.ts';
import type { AuditLog } from '../../ports/driven/audit-log.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { ResponderAnswers } from '../../ports/driven/responder-answers.ts';
import type { TrustAnchorStore } from '../../ports/driven/trust-anchor-store.ts';
import type { ResponderAsking } from '../../ports/driving/responder-asking.ts';
import type { ResponderDesk } from '../../ports/driving/responder-desk.ts';
import { AnchorRules } from './anchor-rules.ts';

export interface ManageRespondersNeeds {
  readonly anchors: TrustAnchorStore;
  readonly answers: ResponderAnswers;
  readonly asking: Pick<ResponderAsking, 'askNow'>;
  readonly clock: Clock;
  readonly audit: AuditLog;
}

/** Questions of operators that are asked at a time, whoever they are. */
const MOST_ASKING = 2;
/** A serial number that so many CAs gave is nobody's in particular. */
const MOST_ASKED = 3;

export class ManageResponders implements ResponderDesk {
  readonly #needs: ManageRespondersNeeds;
  readonly #rules: AnchorRules<ResponderRule>;
  #asking = 0;

  constructor(needs: ManageRespondersNeeds) {
    this.#needs = needs;
    this.#rules = new AnchorRules({ ...needs, store: needs.answers, check: checkResponderRule, of: 'responder', unknown: unknownRule });
  }

  async rules(tenant: TenantId): Promise<readonly ResponderRule[]> {
    return (await this.#needs.answers.rules()).filter((rule) => rule.tenant === tenant);
  }

  async rule(tenant: TenantId, anchor: Fingerprint): Promise<Decision<ResponderRule, Refusal>> {
    if (!(await this.#needs.anchors.find(tenant, anchor))) return unknownAnchor(anchor);
    const rule = await this.#needs.answers.ruleOf(tenant, anchor);
    return rule ? grant(rule) : unknownRule(anchor);
  }

  async setRule(rule: ResponderRule, by: string): Promise<Decision<ResponderRule, Refusal>> {
    return this.#rules.set(rule, by);
  }

  async removeRule(tenant: TenantId, anchor: Fingerprint, by: string): Promise<Decision<undefined, Refusal>> {
    return this.#rules.remove({ tenant, anchor }, by);
  }

  async known(tenant: TenantId, certificate: string): Promise<Decision<readonly KnownCertificate[], Refusal>> {
    const names = [...new Set([parseSerialNumber(certificate), parseFingerprint(certificate)])].filter((name) => name !== undefined);
    const found = (await Promise.all(names.map((name) => this.#needs.answers.named(tenant, name)))).flat();
    return found.length > 0 ? grant(found) : refuse({ code: 'ocsp.unknown-certificate', evidence: { certificate: certificate.replace(/[^\w:. -]/g, '?').slice(0, 80) } });
  }

  async ask(tenant: TenantId, certificate: string): Promise<Decision<readonly KnownCertificate[], Refusal>> {
    if (this.#asking >= MOST_ASKING) return refuse({ code: 'ocsp.busy' });
    this.#asking += 1;
    try {
      const known = await this.known(tenant, certificate);
      if (!known.granted) return known;
      const answered: KnownCertificate[] = [];
      for (const each of known.value.slice(0, MOST_ASKED)) answered.push(await this.#needs.asking.askNow(each));
      return grant(answered);
    } finally {
      this.#asking -= 1;
    }
  }
}

const unknownRule = (fingerprint: Fingerprint) => refuse({ code: 'ocsp.unknown-rule' as const, evidence: { fingerprint } });
