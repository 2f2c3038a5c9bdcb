import type { AuditEntry } from '../../domain/audit/audit-entry.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import { token } from '../token.ts';

/**
 * Remembers tokens that were withdrawn before they ended, by tenant and `jti`, until nobody could take them for good any more.
 *
 * - A resolved `add` is durable (D-13), and every `has` after it sees it: no adapter caches past a write, its own or another process's.
 * - Ids are compared exactly, and those of one tenant say nothing about those of another.
 * - An entry is there for as long as `add` was told, and may be forgotten afterwards. Each `add` forgets what is over, so that
 *   there are never more entries than were added within one lifetime.
 * - `audit`: entries that are kept in the same write, if and only if the change takes effect (see `AuditTrail`).
 * - A rejected promise means the store is out of order, never "no".
 */
export interface WithdrawnTokens {
  /** Adding one that is there already changes nothing, and says so. */
  add(withdrawn: WithdrawnToken, audit?: readonly AuditEntry[]): Promise<'added' | 'already-there'>;
  has(tenant: TenantId, jti: string): Promise<boolean>;
  /** How many are remembered, over all tenants. */
  count(): Promise<number>;
}

export interface WithdrawnToken {
  readonly tenant: TenantId;
  readonly jti: string;
  readonly at: Date;
  /** The entry is kept up to and including this time. */
  readonly keepUntil: Date;
}

export const WithdrawnTokens = token<WithdrawnTokens>('WithdrawnTokens');
