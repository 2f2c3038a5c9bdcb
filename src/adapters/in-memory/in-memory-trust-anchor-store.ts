import type { AuditEntry } from '../../domain/audit/audit-entry.ts';
import type { Fingerprint, Thumbprint } from '../../domain/certificates/certificate.ts';
import type { NameKey } from '../../domain/certificates/distinguished-name.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { TrustAnchor } from '../../domain/trust/trust-anchor.ts';
import type { AnchorChange, AnchorState, TrustAnchorStore } from '../../ports/driven/trust-anchor-store.ts';
import type { Page, PageRequest } from '../../ports/page.ts';
import { keepAudit } from './in-memory-audit-trail.ts';
import { changed, inOrder, keyOf, type InMemoryState } from './in-memory-state.ts';

/** Looks through all anchors at every question: for tests and trying out, not for thousands of them. */
export class InMemoryTrustAnchorStore implements TrustAnchorStore {
  readonly #state: InMemoryState;

  constructor({ state }: { state: InMemoryState }) {
    this.#state = state;
  }

  async add(anchor: TrustAnchor, atEpoch: number, audit?: readonly AuditEntry[]): Promise<'added' | 'already-there' | 'trust-moved'> {
    const key = keyOf(anchor.tenant, anchor.certificate.fingerprint);
    if (this.#state.epoch !== atEpoch) return 'trust-moved';
    if (this.#state.anchors.has(key)) return 'already-there';
    this.#state.anchors.set(key, anchor);
    changed(this.#state, { tenant: anchor.tenant, kind: 'anchor', subject: anchor.certificate.fingerprint });
    keepAudit(this.#state, audit);
    return 'added';
  }

  async findNamed(names: readonly NameKey[]): Promise<readonly TrustAnchor[]> {
    return this.#all(({ certificate }) => names.includes(certificate.subject.key));
  }

  async findIssuedBy(names: readonly NameKey[]): Promise<readonly TrustAnchor[]> {
    return this.#all(({ certificate }) => names.includes(certificate.issuer.key));
  }

  async findSame(thumbprint: Thumbprint): Promise<readonly TrustAnchor[]> {
    return this.#all(({ certificate }) => certificate.thumbprint === thumbprint);
  }

  async find(tenant: TenantId, fingerprint: Fingerprint): Promise<TrustAnchor | undefined> {
    return this.#state.anchors.get(keyOf(tenant, fingerprint));
  }

  async listOf(tenant: TenantId, { number, size }: PageRequest): Promise<Page<TrustAnchor>> {
    const all = this.#all((anchor) => anchor.tenant === tenant).sort(
      (a, b) => a.addedAt.getTime() - b.addedAt.getTime() || inOrder(a.certificate.fingerprint, b.certificate.fingerprint),
    );
    return { items: all.slice((number - 1) * size, number * size), total: all.length };
  }

  async change(tenant: TenantId, fingerprint: Fingerprint, change: AnchorChange, former?: AnchorState, audit?: readonly AuditEntry[]): Promise<TrustAnchor | undefined> {
    const key = keyOf(tenant, fingerprint);
    const given = Object.entries(change).filter(([, value]) => value !== undefined);
    const before = this.#state.anchors.get(key);
    if (!before || !isStill(before, former)) return undefined;
    if (given.length === 0) return before;
    const anchor: TrustAnchor = { ...before, ...Object.fromEntries(given) };
    this.#state.anchors.set(key, anchor);
    changed(this.#state, { tenant, kind: 'anchor', subject: fingerprint });
    keepAudit(this.#state, audit);
    return anchor;
  }

  async remove(tenant: TenantId, fingerprint: Fingerprint, former?: AnchorState, audit?: readonly AuditEntry[]): Promise<boolean> {
    const before = this.#state.anchors.get(keyOf(tenant, fingerprint));
    if (!before || !isStill(before, former)) return false;
    this.#state.anchors.delete(keyOf(tenant, fingerprint));
    changed(this.#state, { tenant, kind: 'anchor', subject: fingerprint });
    keepAudit(this.#state, audit);
    return true;
  }

  #all(wanted: (anchor: TrustAnchor) => boolean): TrustAnchor[] {
    return [...this.#state.anchors.values()].filter(wanted);
  }
}

const STATE = ['name', 'status', 'autoRegistration', 'inert', 'possessionProven'] as const satisfies readonly (keyof AnchorState)[];

const isStill = (anchor: TrustAnchor, former: AnchorState | undefined): boolean =>
  former === undefined || STATE.every((member) => anchor[member] === former[member]);
