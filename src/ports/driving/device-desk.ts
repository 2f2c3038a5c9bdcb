import type { Refusal } from '../../domain/refusal.ts';
import type { Device } from '../../domain/registration/device.ts';
import type { Decision } from '../../domain/shared/decision.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import { token } from '../token.ts';

/** Where a tenant's operators look at devices, block, unblock and remove them. */
export interface DeviceDesk {
  find(tenant: TenantId, id: string): Promise<Decision<Device, Refusal>>;
  /** Keyset paging: those after `after`, at most `limit`. */
  list(tenant: TenantId, after: string | undefined, limit: number): Promise<readonly Device[]>;
  /**
   * Keeps the device out until `unblock`: ends its session, kills its tokens here, refuses its connections, each with this reason (D-29). A
   * device that is blocked already gets the new reason.
   */
  block(tenant: TenantId, id: string, reason: string, by: string): Promise<Decision<Device, Refusal>>;
  /** Lets the device in again. One that is not blocked stays as it is. */
  unblock(tenant: TenantId, id: string, by: string): Promise<Decision<Device, Refusal>>;
  /** Ends the device's session, kills its tokens here, and forgets it. It may register anew if its CA lets it (A05); so a blocked one stays. */
  remove(tenant: TenantId, id: string, by: string): Promise<Decision<undefined, Refusal>>;
}

export const DeviceDesk = token<DeviceDesk>('DeviceDesk');
