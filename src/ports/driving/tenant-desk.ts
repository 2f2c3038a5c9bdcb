import type { Refusal } from '../../domain/refusal.ts';
import type { Decision } from '../../domain/shared/decision.ts';
import type { Tenant, TenantId } from '../../domain/trust/tenant.ts';
import type { TenantOption } from '../../domain/trust/tenant-option.ts';
import type { Page, PageRequest } from '../page.ts';
import { token } from '../token.ts';

/** Where the management tenant runs the instance, and every tenant sets its options. A change is in force when the promise resolves. Secrets (D-32) are never among what is answered. */
export interface TenantDesk {
  /** Creates the tenant and its first administrator together. Without a domain it gets `<id>.localhost`, which never decides by SNI. */
  create(wish: TenantWish, by: string): Promise<Decision<Tenant, Refusal>>;
  list(): Promise<readonly Tenant[]>;
  find(id: string): Promise<Decision<Tenant, Refusal>>;
  findByDomain(domain: string): Promise<Tenant | undefined>;
  /** With `isExpected` only where the tenant still is as it says, at the moment of the change. */
  setStatus(id: string, status: Tenant['status'], by: string, isExpected?: (tenant: Tenant) => boolean): Promise<Decision<Tenant, Refusal>>;
  /** The value in force: the one set, else the default; undefined for an option that has neither. */
  option(id: TenantId, category: string, key: string): Promise<string | undefined>;
  /** With `isExpected` only where the value in force still is as it says, at the moment of the change. */
  setOption(id: TenantId, option: TenantOption, by: string, isExpected?: (value: string) => boolean): Promise<Decision<undefined, Refusal>>;
  /** All of them, or none where one is refused. */
  setOptions(id: TenantId, options: readonly TenantOption[], by: string): Promise<Decision<undefined, Refusal>>;
  removeOption(
    id: TenantId,
    option: Pick<TenantOption, 'category' | 'key'>,
    by: string,
    isExpected?: (value: string) => boolean,
  ): Promise<Decision<undefined, Refusal>>;
  /** Those that were set, by category and key. */
  options(id: TenantId, page: PageRequest): Promise<Page<TenantOption>>;
  optionsOf(id: TenantId, category: string): Promise<readonly TenantOption[]>;
}

export interface TenantWish {
  readonly id: string;
  readonly domain?: string;
  readonly administrator?: { readonly name: string; readonly password: string };
}

export const TenantDesk = token<TenantDesk>('TenantDesk');
