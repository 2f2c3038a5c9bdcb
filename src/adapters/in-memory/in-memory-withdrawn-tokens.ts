import type { AuditEntry } from '../../domain/audit/audit-entry.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { WithdrawnToken, WithdrawnTokens } from '../../ports/driven/withdrawn-tokens.ts';
import { keepAudit } from './in-memory-audit-trail.ts';
import { keyOf, type InMemoryState } from './in-memory-state.ts';

export class InMemoryWithdrawnTokens implements WithdrawnTokens {
  readonly #state: InMemoryState;

  constructor({ state }: { state: InMemoryState }) {
    this.#state = state;
  }

  async add({ tenant, jti, at, keepUntil }: WithdrawnToken, audit?: readonly AuditEntry[]): Promise<'added' | 'already-there'> {
    const { withdrawnTokens } = this.#state;
    for (const [key, until] of withdrawnTokens) if (until < at) withdrawnTokens.delete(key);
    const key = keyOf(tenant, jti);
    if (withdrawnTokens.has(key)) return 'already-there';
    withdrawnTokens.set(key, keepUntil);
    keepAudit(this.#state, audit);
    return 'added';
  }

  async has(tenant: TenantId, jti: string): Promise<boolean> {
    return this.#state.withdrawnTokens.has(keyOf(tenant, jti));
  }

  async count(): Promise<number> {
    return this.#state.withdrawnTokens.size;
  }
}
