import type { Administrator } from '../../domain/access/administrator.ts';
import type { Refusal } from '../../domain/refusal.ts';
import type { Decision } from '../../domain/shared/decision.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { Page, PageRequest } from '../page.ts';
import { token } from '../token.ts';

/**
 * Where a tenant says who administers it.
 *
 * - A change is in force when the promise resolves: the next request of that user is judged by it.
 * - Whether `by` (`tenant/user`) may do this was asked before; that the tenant exists is asked here.
 * - With `isExpected` a change takes effect only where the user still is as it says, at the moment of the change.
 * - The last enabled user with ROLE_TENANT_ADMIN is neither removed, nor disabled, nor stripped of the role.
 * - Users of devices are not among these.
 */
export interface UserDesk {
  /** Those whose names begin with `prefix`. */
  list(tenant: string, prefix: string, page: PageRequest): Promise<Decision<Page<User>, Refusal>>;
  find(tenant: string, name: string): Promise<Decision<User, Refusal>>;
  add(tenant: string, wish: NewUser, by: string): Promise<Decision<User, Refusal>>;
  /** Changes what is given. Nobody changes the own password here. */
  change(tenant: string, name: string, wish: UserWish, by: string, isExpected?: IsExpected): Promise<Decision<User, Refusal>>;
  /** One's own password, for which the present one is needed. */
  changePassword(tenant: TenantId, name: string, passwords: { readonly present: string; readonly next: string }): Promise<Decision<User, Refusal>>;
  remove(tenant: string, name: string, by: string, isExpected?: IsExpected): Promise<Decision<undefined, Refusal>>;
}

/** An administrator as others may see it. */
export type User = Omit<Administrator, 'passwordHash'>;

export type IsExpected = (user: User) => boolean;

/** Roles by name; which there are is decided here. */
export type UserWish = Partial<Pick<Administrator, 'enabled' | 'displayName' | 'firstName' | 'lastName' | 'email'>> & {
  readonly password?: string;
  readonly roles?: readonly string[];
};

export type NewUser = UserWish & { readonly name: string; readonly password: string };

export const UserDesk = token<UserDesk>('UserDesk');
