import type { AuditEntry } from '../../domain/audit/audit-entry.ts';
import type { Fingerprint } from '../../domain/certificates/certificate.ts';
import type { AskedCertificate, KnownCertificate, NotedCertificate, ResponderRule } from '../../domain/revocation/responder-answer.ts';
import type { RevocableCertificate } from '../../domain/revocation/revocation.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { ResponderAnswers } from '../../ports/driven/responder-answers.ts';
import { keepAudit } from './in-memory-audit-trail.ts';
import { changed, inOrder, keyOf, type InMemoryState } from './in-memory-state.ts';

/** For tests and small fleets: a look at one certificate goes through all that are known. */
export class InMemoryResponderAnswers implements ResponderAnswers {
  readonly #state: InMemoryState;

  constructor({ state }: { state: InMemoryState }) {
    this.#state = state;
  }

  async about(tenant: TenantId, certificates: readonly Pick<RevocableCertificate, 'serialNumber'>[]): Promise<readonly KnownCertificate[]> {
    const serials = new Set(certificates.map(({ serialNumber }) => serialNumber));
    return this.#all((it) => it.tenant === tenant && serials.has(it.serialNumber));
  }

  async named(tenant: TenantId, name: string): Promise<readonly KnownCertificate[]> {
    return this.#all((it) => it.tenant === tenant && (it.serialNumber === name || it.fingerprint === name)).slice(0, 100);
  }

  async note(certificates: readonly NotedCertificate[], askAt: Date): Promise<void> {
    for (const { wantedUntil, ...certificate } of certificates) {
      const known = this.#state.responderAnswers.get(keyOfKnown(certificate)) ?? { ...certificate, askAt, failures: 0, wantedUntil };
      this.#state.responderAnswers.set(keyOfKnown(certificate), wantedUntil > known.wantedUntil ? { ...known, wantedUntil } : known);
    }
  }

  async due({ tenant, anchor }: Pick<AskedCertificate, 'tenant' | 'anchor'>, at: Date, limit: number): Promise<readonly KnownCertificate[]> {
    const due = this.#all((it) => it.tenant === tenant && it.anchor === anchor && it.askAt <= at && it.wantedUntil > at && it.notAfter > at);
    return due.sort((a, b) => a.askAt.getTime() - b.askAt.getTime() || inOrder(a.fingerprint, b.fingerprint)).slice(0, limit);
  }

  async keep(known: KnownCertificate, audit?: readonly AuditEntry[]): Promise<boolean> {
    const before = this.#state.responderAnswers.get(keyOfKnown(known));
    if (!before || (before.answer && before.answer.thisUpdate > (known.answer?.thisUpdate ?? new Date(0)))) return false;
    keepAudit(this.#state, audit);
    if (audit) changed(this.#state, { tenant: known.tenant, kind: 'list', subject: '' });
    this.#state.responderAnswers.set(keyOfKnown(known), { ...known, wantedUntil: before.wantedUntil });
    return true;
  }

  async forget(before: Date): Promise<void> {
    for (const known of this.#all((it) => it.wantedUntil < before || it.notAfter < before)) this.#state.responderAnswers.delete(keyOfKnown(known));
    const issuers = new Set(this.#all(() => true).map(({ tenant, issuedBy }) => keyOf(tenant, issuedBy)));
    for (const key of this.#state.responderIssuers.keys()) if (!issuers.has(key)) this.#state.responderIssuers.delete(key);
  }

  async issuerOf(tenant: TenantId, fingerprint: Fingerprint): Promise<Uint8Array | undefined> {
    return this.#state.responderIssuers.get(keyOf(tenant, fingerprint));
  }

  async keepIssuer(tenant: TenantId, fingerprint: Fingerprint, der: Uint8Array): Promise<void> {
    this.#state.responderIssuers.set(keyOf(tenant, fingerprint), der);
  }

  async ruleOf(tenant: TenantId, anchor: Fingerprint): Promise<ResponderRule | undefined> {
    return this.#state.responderRules.get(keyOf(tenant, anchor));
  }

  async rules(): Promise<readonly ResponderRule[]> {
    return [...this.#state.responderRules.values()].sort((a, b) => inOrder(a.tenant, b.tenant) || inOrder(a.anchor, b.anchor));
  }

  async setRule(rule: ResponderRule, audit?: readonly AuditEntry[]): Promise<void> {
    keepAudit(this.#state, audit);
    this.#state.responderRules.set(keyOf(rule.tenant, rule.anchor), rule);
    changed(this.#state, { tenant: rule.tenant, kind: 'list', subject: '' });
  }

  async removeRule(tenant: TenantId, anchor: Fingerprint, audit?: readonly AuditEntry[]): Promise<boolean> {
    if (!this.#state.responderRules.delete(keyOf(tenant, anchor))) return false;
    for (const known of this.#all((it) => it.tenant === tenant && it.anchor === anchor)) this.#state.responderAnswers.delete(keyOfKnown(known));
    keepAudit(this.#state, audit);
    changed(this.#state, { tenant, kind: 'list', subject: '' });
    return true;
  }

  #all(wanted: (known: KnownCertificate) => boolean): KnownCertificate[] {
    return [...this.#state.responderAnswers.values()].filter(wanted);
  }
}

const keyOfKnown = ({ tenant, anchor, fingerprint }: AskedCertificate): string => keyOf(tenant, anchor, fingerprint);
