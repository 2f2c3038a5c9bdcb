import type { DeviceId } from '../identity/device-identity.ts';
import type { TenantId } from '../trust/tenant.ts';
import type { Block } from './block.ts';

/** A device a tenant knows. Its user name is always `device_<id>` (D-8). */
export interface Device {
  readonly tenant: TenantId;
  readonly id: DeviceId;
  readonly registeredBy: 'auto' | 'bulk';
  readonly registeredAt: Date;
  /** What the bulk file said beyond the id: column name → cell, blank cells left out. Empty for an automatic registration. */
  readonly details: Readonly<Record<string, string>>;
  /** There as long as an operator keeps the device out (D-29). */
  readonly block?: Block;
}
