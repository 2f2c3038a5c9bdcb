import type { TenantId } from '../trust/tenant.ts';
import type { DeviceId } from '../identity/device-identity.ts';

/** Roles as the compatible API names them (wire-contract §1.1, §4.1). */
export const ROLES = [
  'ROLE_TENANT_MANAGEMENT_ADMIN',
  'ROLE_TENANT_MANAGEMENT_READ',
  'ROLE_TENANT_ADMIN',
  'ROLE_DEVICE_CONTROL_ADMIN',
  /** Ours: a service that asks whether tokens of the tenant are good, and withdraws them. */
  'ROLE_TOKEN_SERVICE',
  'ROLE_INVENTORY_READ',
  'ROLE_INVENTORY_ADMIN',
] as const;
export type Role = (typeof ROLES)[number];

/** A person or program that administers one tenant. No name starts with `device_` (D-8). */
export interface Administrator {
  readonly tenant: TenantId;
  readonly name: string;
  /** As the `PasswordHasher` made it. */
  readonly passwordHash: string;
  readonly roles: readonly Role[];
}

/** Whoever speaks at the HTTP API, after it was found who. */
export type Principal =
  | { readonly kind: 'administrator'; readonly tenant: TenantId; readonly name: string; readonly roles: readonly Role[] }
  | { readonly kind: 'device'; readonly tenant: TenantId; readonly name: string; readonly device: DeviceId };
