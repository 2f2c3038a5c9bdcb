import type { Administrator, NewAdministrator } from '../../domain/access/administrator.ts';
import type { AuditEntry } from '../../domain/audit/audit-entry.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { Page, PageRequest } from '../page.ts';
import { token } from '../token.ts';

/**
 * Remembers who administers each tenant.
 *
 * - Names are compared exactly. A tenant has a name once, however many `add` calls race for it.
 * - `replace` and `remove` take effect only where the administrator still is as `former` says, in every member: whoever decided by what
 *   was read before undoes nobody's change.
 * - Neither takes the last administrator for whom `keepsTenant` holds from a tenant, however many calls race.
 * - `audit`: entries that are kept in the same write, if and only if the change takes effect (see `AuditTrail`).
 * - A resolved write is durable, and every read after it sees it. A rejected promise means the store is out of order.
 */
export interface AdministratorDirectory {
  find(tenant: TenantId, name: string): Promise<Administrator | undefined>;

  /** Those of one tenant whose names begin with `prefix`, letter for letter, in an order of their names that stays. */
  listOf(tenant: TenantId, prefix: string, page: PageRequest): Promise<Page<Administrator>>;

  /** Never overwrites. */
  add(administrator: Administrator, audit?: readonly AuditEntry[]): Promise<'added' | 'already-there'>;

  /** Adds the administrator or replaces the one of that tenant and name; what is not given is as in `newAdministrator`. */
  put(administrator: NewAdministrator, audit?: readonly AuditEntry[]): Promise<void>;

  /** `next` has the tenant and the name of `former`. */
  replace(former: Administrator, next: Administrator, audit?: readonly AuditEntry[]): Promise<Outcome>;

  remove(former: Administrator, audit?: readonly AuditEntry[]): Promise<Outcome>;
}

type Outcome = 'done' | 'changed-meanwhile' | 'last-administrator';

export const AdministratorDirectory = token<AdministratorDirectory>('AdministratorDirectory');
