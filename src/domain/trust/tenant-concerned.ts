import type { AnchoredPath } from '../certificates/build-paths.ts';
import { isInForce, type TrustAnchor } from './trust-anchor.ts';
import type { TenantId } from './tenant.ts';

/**
 * Whose matter is it that none of these paths holds? Only signatures count: the tenant is the one whose CA made them. An anchor that is
 * disabled speaks where no other does, an inert one never, for a stranger may have stored it; several tenants, and nobody is told but the
 * operator (D-46). It grants nothing.
 */
export function tenantConcerned(paths: readonly AnchoredPath[]): TenantId | undefined {
  const signed = paths.filter((path) => path.signed.every((link) => link === 'yes'));
  const anchors = signed.flatMap((path) => path.anchors).filter(({ inert }) => !inert);
  const inForce = anchors.filter(isInForce);
  return onlyTenantOf(inForce.length > 0 ? inForce : anchors);
}

function onlyTenantOf(anchors: readonly TrustAnchor[]): TenantId | undefined {
  const [first, ...more] = new Set(anchors.map(({ tenant }) => tenant));
  return more.length === 0 ? first : undefined;
}
