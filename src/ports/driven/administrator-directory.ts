import type { Administrator } from '../../domain/access/administrator.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import { token } from '../token.ts';

/** Remembers who administers each tenant. Names are compared exactly. A resolved write is durable; a rejected promise means the store is out of order. */
export interface AdministratorDirectory {
  find(tenant: TenantId, name: string): Promise<Administrator | undefined>;
  /** Adds the administrator or replaces the one of that tenant and name. */
  put(administrator: Administrator): Promise<void>;
}

export const AdministratorDirectory = token<AdministratorDirectory>('AdministratorDirectory');
