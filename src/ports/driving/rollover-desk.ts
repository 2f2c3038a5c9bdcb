import type { Fingerprint } from '../../domain/certificates/certificate.ts';
import type { Rollover, Straggler } from '../../domain/impact/rollover.ts';
import type { Refusal } from '../../domain/refusal.ts';
import type { Decision } from '../../domain/shared/decision.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import { token } from '../token.ts';

/** Leads a fleet from one CA to the next (D-50): says who has arrived, by the last path of each device, and changes nothing of trust. */
export interface RolloverDesk {
  /** Both must be certificates of the tenant. An end date, where given, lies ahead. Replaces a former successor. */
  set(tenant: TenantId, fingerprint: Fingerprint, wish: RolloverWish, by: string): Promise<Decision<Rollover, Refusal>>;
  find(tenant: TenantId, fingerprint: Fingerprint): Promise<Decision<Rollover, Refusal>>;
  list(tenant: TenantId): Promise<readonly Rollover[]>;
  /** Takes the link back. */
  remove(tenant: TenantId, fingerprint: Fingerprint, by: string): Promise<Decision<undefined, Refusal>>;
  /** Keyset paging: those after `after` by id, at most `limit`. */
  stragglers(tenant: TenantId, fingerprint: Fingerprint, after: string | undefined, limit: number): Promise<Decision<readonly Straggler[], Refusal>>;
}

export interface RolloverWish {
  readonly successor: Fingerprint;
  readonly endDate?: Date;
}

export const RolloverDesk = token<RolloverDesk>('RolloverDesk');
