import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { RefusalOf } from '../shared/refusal-of.ts';
import type { Tenant, TenantId } from './tenant.ts';
import type { TrustAnchor } from './trust-anchor.ts';

export interface TenantQuestion {
  /** Anchors in force at the ends of paths that hold; never empty. */
  readonly anchors: readonly TrustAnchor[];
  /** The tenants of these anchors, as the directory knows them. */
  readonly tenants: readonly Tenant[];
  readonly userName?: string;
  readonly serverName?: string;
}

/**
 * Whose device is it? The certificate decides; user name, proof of possession and server name, in this order, only choose among
 * several tenants to which it leads (D-5).
 */
export function resolveTenant({
  anchors,
  tenants,
  userName,
  serverName,
}: TenantQuestion): Decision<Tenant, RefusalOf<'tenant.ambiguous' | 'tenant.suspended'>> {
  const fitting = tenants.filter(({ id }) => anchors.some(({ tenant }) => tenant === id));
  const proven = new Set<TenantId>(anchors.filter((a) => a.possessionProven).map(({ tenant }) => tenant));
  const named = userName?.split('/', 1)[0];
  const host = serverName?.toLowerCase();
  const chosen =
    only(fitting) ??
    fitting.find(({ id }) => id === named) ??
    only(fitting.filter(({ id }) => proven.has(id))) ??
    only(fitting.filter(({ domain, domainConfigured }) => domainConfigured && domain === host));
  // How many and which others fit is none of the peer's business.
  if (!chosen) return refuse({ code: 'tenant.ambiguous' });
  return chosen.status === 'active' ? grant(chosen) : refuse({ code: 'tenant.suspended' });
}

const only = <T>(values: readonly T[]): T | undefined => (values.length === 1 ? values[0] : undefined);
