import { auditEntry, difference, type Facts } from '../audit/audit-entry.ts';
import { anchorFacts } from '../audit/facts.ts';
import type { Fingerprint } from '../certificates/certificate.ts';
import type { Refusal } from '../refusal.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import { decideProof, newPossessionCode } from '../trust/proof-of-possession.ts';
import type { TenantId } from '../trust/tenant.ts';
import type { TrustAnchor } from '../trust/trust-anchor.ts';
import { unknownAnchor } from '../trust/unknown-anchor.ts';
import type { AuditEvent, AuditLog } from '../../ports/driven/audit-log.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { Identifiers } from '../../ports/driven/identifiers.ts';
import type { SignatureVerifier } from '../../ports/driven/signature-verifier.ts';
import type { AnchorChange, TrustAnchorStore } from '../../ports/driven/trust-anchor-store.ts';
import type { PossessionDesk } from '../../ports/driving/possession-desk.ts';

export interface ProvePossessionNeeds {
  readonly anchors: TrustAnchorStore;
  readonly verifier: SignatureVerifier;
  readonly clock: Clock;
  readonly identifiers: Identifiers;
  readonly audit: AuditLog;
}

type Answer = Promise<Decision<TrustAnchor, Refusal>>;
type Whose = { readonly tenant: TenantId; readonly by: string; readonly fingerprint: Fingerprint };

/** Proof lifts what D-6 holds back, in one write with the epoch: whoever connects from then on is judged by it. */
const PROVEN: AnchorChange = { possessionProven: true, inert: false };

/** How often a change is written anew because another one came between. */
const ATTEMPTS = 20;

/** Where a tenant shows that it has the private key of a CA that it trusts. */
export class ProvePossession implements PossessionDesk {
  readonly #needs: ProvePossessionNeeds;

  constructor(needs: ProvePossessionNeeds) {
    this.#needs = needs;
  }

  async renewCode(tenant: TenantId, fingerprint: Fingerprint, by: string): Answer {
    const { identifiers, clock } = this.#needs;
    const possessionCode = newPossessionCode(() => identifiers.next(), clock.now());
    return this.#change({ tenant, by, fingerprint }, { possessionCode }, 'possession.code-issued');
  }

  async prove(tenant: TenantId, fingerprint: Fingerprint, signature: Uint8Array | undefined, by: string): Answer {
    const { anchors, verifier, clock } = this.#needs;
    const anchor = await anchors.find(tenant, fingerprint);
    if (!anchor) return unknownAnchor(fingerprint);
    const decision = signature
      ? decideProof(anchor, {
          signature,
          at: clock.now(),
          signedText: (text, made, signer) => verifier.signedText(text, made, signer),
        })
      : refuse({ code: 'anchor.possession-unreadable', evidence: { fingerprint, tenant } } as const);
    if (decision.granted) return this.#change({ tenant, by, fingerprint }, PROVEN, 'possession.proven');
    this.#needs.audit.record({ what: 'possession.refused', tenant, by, subject: fingerprint });
    return decision;
  }

  async confirm(tenant: TenantId, fingerprint: Fingerprint, by: string): Answer {
    return this.#change({ tenant, by, fingerprint }, PROVEN, 'possession.confirmed');
  }

  async #change({ tenant, by, fingerprint }: Whose, change: AnchorChange, what: Extract<AuditEvent, { by: string }>['what']): Answer {
    const { anchors, clock, audit } = this.#needs;
    const said = { what, tenant, by, subject: fingerprint };
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const former = await anchors.find(tenant, fingerprint);
      if (!former) return unknownAnchor(fingerprint);
      const anchor = await anchors.change(tenant, fingerprint, change, former, [auditEntry(said, clock.now(), statesOf(former, change))]);
      if (!anchor) continue;
      audit.record(said);
      return grant(anchor);
    }
    return refuse({ code: 'registration.trust-in-motion' });
  }
}

/** The code itself is nobody's business but the signer's. */
const statesOf = (former: TrustAnchor, { possessionCode, ...change }: AnchorChange): { readonly before?: Facts; readonly after: Facts } =>
  possessionCode ? { after: { usableUntil: possessionCode.usableUntil } } : difference(anchorFacts(former), anchorFacts({ ...former, ...change }));
