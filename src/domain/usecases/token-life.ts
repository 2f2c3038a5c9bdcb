import { TOKEN_OPTIONS, tokenPolicy, type TokenOption } from '../tokens/token-policy.ts';
import type { TenantId } from '../trust/tenant.ts';
import type { TenantDirectory } from '../../ports/driven/tenant-directory.ts';

/** How long a token of this tenant lives, in milliseconds; 0 where its devices have none. */
export async function tokenLifeMs(tenants: Pick<TenantDirectory, 'option'>, tenant: TenantId): Promise<number> {
  const read = (name: string) => tenants.option(tenant, ...(name.split('/') as [string, string]));
  const values = await Promise.all(Object.keys(TOKEN_OPTIONS).map(async (name) => [name, await read(name)]));
  const { enabled, lifetime } = tokenPolicy(Object.fromEntries(values) as Record<TokenOption, string | undefined>);
  return enabled ? lifetime * 1000 : 0;
}
