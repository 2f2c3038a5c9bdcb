import type { Fingerprint } from '../../domain/certificates/certificate.ts';
import type { Refusal } from '../../domain/refusal.ts';
import type { Decision } from '../../domain/shared/decision.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { TrustAnchor } from '../../domain/trust/trust-anchor.ts';
import { token } from '../token.ts';

/**
 * Where a tenant shows that it has the private key of a CA that it trusts (D-5, D-6, D-25).
 *
 * - What is proven is in force when the promise resolves: an inert certificate lets devices in, and a proven one goes before others.
 * - Whether `by` may do this was asked before.
 */
export interface PossessionDesk {
  /** A new code in place of the former one. */
  renewCode(tenant: TenantId, fingerprint: Fingerprint, by: string): Promise<Decision<TrustAnchor, Refusal>>;
  /** `signature`: over the text of the code, by the key of the CA; undefined where what was sent is none. */
  prove(tenant: TenantId, fingerprint: Fingerprint, signature: Uint8Array | undefined, by: string): Promise<Decision<TrustAnchor, Refusal>>;
  /** The operator of the instance vouches for it. */
  confirm(tenant: TenantId, fingerprint: Fingerprint, by: string): Promise<Decision<TrustAnchor, Refusal>>;
}

export const PossessionDesk = token<PossessionDesk>('PossessionDesk');
