import type { Refusal } from '../../domain/refusal.ts';
import type { Decision } from '../../domain/shared/decision.ts';
import type { Tenant, TenantId } from '../../domain/trust/tenant.ts';
import { token } from '../token.ts';

/** Where the management tenant runs the instance, and every tenant sets its options. A change is in force when the promise resolves. */
export interface TenantDesk {
  /** Creates the tenant and its first administrator together. Without a domain it gets `<id>.localhost`, which never decides by SNI. */
  create(wish: TenantWish, by: string): Promise<Decision<Tenant, Refusal>>;
  list(): Promise<readonly Tenant[]>;
  find(id: string): Promise<Decision<Tenant, Refusal>>;
  findByDomain(domain: string): Promise<Tenant | undefined>;
  setStatus(id: string, status: Tenant['status'], by: string): Promise<Decision<Tenant, Refusal>>;
  /** The value in force: the one set, else the default; undefined for an option that has neither. */
  option(id: TenantId, category: string, key: string): Promise<string | undefined>;
  setOption(id: TenantId, option: { category: string; key: string; value: string }, by: string): Promise<Decision<undefined, Refusal>>;
}

export interface TenantWish {
  readonly id: string;
  readonly domain?: string;
  readonly administrator?: { readonly name: string; readonly password: string };
}

export const TenantDesk = token<TenantDesk>('TenantDesk');
