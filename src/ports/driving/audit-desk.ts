import type { AuditRow } from '../../domain/audit/audit-entry.ts';
import type { ChainReport } from '../../domain/audit/check-chain.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { AuditFilter } from '../driven/audit-trail.ts';
import { token } from '../token.ts';

/** Shows who did what, and whether that is still as it was written. Whose audit somebody may see is asked outside. */
export interface AuditDesk {
  /** Of one tenant: with `filter.after` by number, else from the newest back. At most `limit`, and never more than 2000. */
  list(tenant: TenantId, filter: AuditFilter, limit: number): Promise<readonly AuditRow[]>;

  /** Goes along the whole chain of the tenant, or of each that has one. */
  verify(tenant?: TenantId): Promise<readonly ChainReport[]>;
}

export const AuditDesk = token<AuditDesk>('AuditDesk');
