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

export const isRole = (text: string): text is Role => (ROLES as readonly string[]).includes(text);

/** A person or program that administers one tenant. No name starts with `device_` (D-8). */
export interface Administrator {
  readonly tenant: TenantId;
  readonly name: string;
  /** As the `PasswordHasher` made it. */
  readonly passwordHash: string;
  /** Unknown of those who were made before it was kept. */
  readonly passwordChangedAt?: Date;
  readonly roles: readonly Role[];
  /** Who is disabled cannot log in. */
  readonly enabled: boolean;
  /** For people only, each empty where nobody said. */
  readonly displayName: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
}

/** What must be said of a new one; the rest is as `newAdministrator` has it. */
export type NewAdministrator = Pick<Administrator, 'tenant' | 'name' | 'passwordHash' | 'roles'> & Partial<Administrator>;

export const newAdministrator = (given: NewAdministrator): Administrator => ({
  enabled: true,
  displayName: '',
  firstName: '',
  lastName: '',
  email: '',
  ...given,
});

/** Can this one put right whatever else goes wrong in the tenant? A tenant that has one keeps one (D-30). */
export const keepsTenant = ({ enabled, roles }: Pick<Administrator, 'enabled' | 'roles'>): boolean => enabled && roles.includes('ROLE_TENANT_ADMIN');

/** Whoever speaks at the HTTP API, after it was found who. */
export type Principal =
  | { readonly kind: 'administrator'; readonly tenant: TenantId; readonly name: string; readonly roles: readonly Role[] }
  | { readonly kind: 'device'; readonly tenant: TenantId; readonly name: string; readonly device: DeviceId };
