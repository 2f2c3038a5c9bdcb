import type { Fingerprint } from '../../domain/certificates/certificate.ts';
import type { Refusal } from '../../domain/refusal.ts';
import type { Decision } from '../../domain/shared/decision.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { TrustAnchor } from '../../domain/trust/trust-anchor.ts';
import type { Page, PageRequest } from '../page.ts';
import { token } from '../token.ts';

/**
 * Where a tenant's operators say which CAs they trust.
 *
 * - A change is in force when the promise resolves: new connections are judged by it, and sessions that depended on a withdrawn anchor have ended (D-14).
 * - Whether `by` may do this was asked before.
 * - With `isExpected` a change takes effect only where the anchor still is as it says, at the moment of the change.
 */
export interface TrustDesk {
  add(tenant: TenantId, upload: AnchorUpload, by: string): Promise<Decision<TrustAnchor, Refusal>>;
  list(tenant: TenantId, page: PageRequest): Promise<Page<TrustAnchor>>;
  find(tenant: TenantId, fingerprint: Fingerprint): Promise<Decision<TrustAnchor, Refusal>>;
  change(tenant: TenantId, fingerprint: Fingerprint, wish: AnchorWish, by: string, isExpected?: IsExpected): Promise<Decision<TrustAnchor, Refusal>>;
  remove(tenant: TenantId, fingerprint: Fingerprint, by: string, isExpected?: IsExpected): Promise<Decision<undefined, Refusal>>;
}

export interface AnchorUpload {
  /** What was uploaded, as text or bytes: PEM with or without newlines, bare base64, or DER. */
  readonly certificate: string | Uint8Array;
  readonly name: string;
  readonly status: TrustAnchor['status'];
  readonly autoRegistration: boolean;
}

export type IsExpected = (anchor: TrustAnchor) => boolean;

export type AnchorWish = Partial<Pick<TrustAnchor, 'name' | 'status' | 'autoRegistration'>>;

export const TrustDesk = token<TrustDesk>('TrustDesk');
