import type { Fingerprint } from '../certificates/certificate.ts';
import type { TenantId } from '../trust/tenant.ts';
import { isInForce, type TrustAnchor } from '../trust/trust-anchor.ts';
import type { TrustAnchorStore } from '../../ports/driven/trust-anchor-store.ts';

export type Standing = (anchor: Fingerprint) => Promise<TrustAnchor | undefined>;

/** The anchor of a tenant where it lets devices in at this moment. Each is looked up once. */
export function standingAnchors(anchors: Pick<TrustAnchorStore, 'find'>, tenant: TenantId, at: Date): Standing {
  const known = new Map<Fingerprint, Promise<TrustAnchor | undefined>>();
  const find = async (fingerprint: Fingerprint): Promise<TrustAnchor | undefined> => {
    const anchor = await anchors.find(tenant, fingerprint);
    return anchor && isInForce(anchor) && anchor.certificate.notBefore <= at && at <= anchor.certificate.notAfter ? anchor : undefined;
  };
  return (fingerprint) => known.get(fingerprint) ?? known.set(fingerprint, find(fingerprint)).get(fingerprint)!;
}
