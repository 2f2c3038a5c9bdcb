import type { AuditEntry } from '../../domain/audit/audit-entry.ts';
import type { DeviceId } from '../../domain/identity/device-identity.ts';
import type { NewDeviceQuota } from '../../domain/overload/new-device-quota.ts';
import type { Block } from '../../domain/registration/block.ts';
import type { Device } from '../../domain/registration/device.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import { token } from '../token.ts';

/**
 * Remembers which devices each tenant knows.
 *
 * - A tenant has a device once, however many registrations race for it; ids are compared exactly, case included.
 * - A resolved write is durable (D-13), and every read after it sees it.
 * - `remove` and `setBlock` move the `AdmissionEpoch` in the same transaction.
 * - A blocked device stays blocked, and there, until `setBlock` lifts the block: `register` and `registerAll` leave the block as it is,
 *   and `remove` leaves the device.
 * - Two tenants may have devices of one id: they are two devices.
 * - `audit`: entries that are kept in the same write, if and only if the change takes effect (see `AuditTrail`).
 * - A rejected promise means the store is out of order, never "no".
 */
export interface DeviceRegistry {
  /**
   * Never overwrites. `already-there` also when another registration won the race. What is registered is counted under each of `quotas`, in
   * the same write; the first of them that is full already keeps the device out, and then nothing is counted. A count begins anew with another hour;
   * only the hour right before the one that is counted goes with it, for the clocks of nodes differ.
   */
  register(device: Device, audit?: readonly AuditEntry[], quotas?: readonly NewDeviceQuota[]): Promise<'registered' | 'already-there' | { readonly over: NewDeviceQuota }>;

  /** How many devices were counted under this quota in its hour. */
  newDevices(tenant: TenantId, quota: Pick<NewDeviceQuota, 'of' | 'hour'>): Promise<number>;

  /**
   * Registers the devices or, where an id is known, replaces its details and leaves the rest of it. All rows in one transaction;
   * answers in the order of `devices`, which hold each id of a tenant once.
   */
  registerAll(devices: readonly Device[], audit?: readonly AuditEntry[]): Promise<readonly ('registered' | 'updated')[]>;

  find(tenant: TenantId, id: DeviceId): Promise<Device | undefined>;

  /** By id in the order of its UTF-16 code units or bytes (either, but always the same), those after `after`; at most `limit`. */
  listOf(tenant: TenantId, after: DeviceId | undefined, limit: number): Promise<readonly Device[]>;

  /** How many devices the tenant has. */
  count(tenant: TenantId): Promise<number>;

  /** Sets the block, or lifts it where none is given. Returns the device as it is now; undefined when there is none. */
  setBlock(tenant: TenantId, id: DeviceId, block: Block | undefined, audit?: readonly AuditEntry[]): Promise<Device | undefined>;

  /** Returns whether there was one to remove that is not blocked. */
  remove(tenant: TenantId, id: DeviceId, audit?: readonly AuditEntry[]): Promise<boolean>;
}

export const DeviceRegistry = token<DeviceRegistry>('DeviceRegistry');
