import type { AuditEntry } from '../../domain/audit/audit-entry.ts';
import type { Fingerprint } from '../../domain/certificates/certificate.ts';
import type { Succession } from '../../domain/impact/rollover.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { Successions } from '../../ports/driven/successions.ts';
import { keepAudit } from './in-memory-audit-trail.ts';
import { inOrder, keyOf, type InMemoryState } from './in-memory-state.ts';

export class InMemorySuccessions implements Successions {
  readonly #state: InMemoryState;

  constructor({ state }: { state: InMemoryState }) {
    this.#state = state;
  }

  async set(succession: Succession, audit?: readonly AuditEntry[]): Promise<void> {
    keepAudit(this.#state, audit);
    this.#state.successions.set(keyOf(succession.tenant, succession.fingerprint), succession);
  }

  async find(tenant: TenantId, fingerprint: Fingerprint): Promise<Succession | undefined> {
    return this.#state.successions.get(keyOf(tenant, fingerprint));
  }

  async listOf(tenant: TenantId): Promise<readonly Succession[]> {
    const own = [...this.#state.successions.values()].filter((each) => each.tenant === tenant);
    return own.sort((a, b) => a.since.getTime() - b.since.getTime() || inOrder(a.fingerprint, b.fingerprint));
  }

  async remove(tenant: TenantId, fingerprint: Fingerprint, audit?: readonly AuditEntry[]): Promise<boolean> {
    const isRemoved = this.#state.successions.delete(keyOf(tenant, fingerprint));
    if (isRemoved) keepAudit(this.#state, audit);
    return isRemoved;
  }
}
