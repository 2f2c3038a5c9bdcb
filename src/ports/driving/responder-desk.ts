import type { Fingerprint } from '../../domain/certificates/certificate.ts';
import type { Refusal } from '../../domain/refusal.ts';
import type { KnownCertificate, ResponderRule } from '../../domain/revocation/responder-answer.ts';
import type { Decision } from '../../domain/shared/decision.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import { token } from '../token.ts';

/**
 * Where a tenant's operators say which OCSP responders of their CAs are asked, and see what these said.
 *
 * - A rule counts when its promise resolves; devices that were seen lately are asked about soon after, those that are online first.
 * - Whether `by` may do this was asked before.
 */
export interface ResponderDesk {
  rules(tenant: TenantId): Promise<readonly ResponderRule[]>;
  rule(tenant: TenantId, anchor: Fingerprint): Promise<Decision<ResponderRule, Refusal>>;
  setRule(rule: ResponderRule, by: string): Promise<Decision<ResponderRule, Refusal>>;
  removeRule(tenant: TenantId, anchor: Fingerprint, by: string): Promise<Decision<undefined, Refusal>>;
  /** What is known of a certificate, by its serial number or fingerprint as people write them: one for each CA below which it was seen. */
  known(tenant: TenantId, certificate: string): Promise<Decision<readonly KnownCertificate[], Refusal>>;
  /** The same after its responders were asked now; two at a time. */
  ask(tenant: TenantId, certificate: string): Promise<Decision<readonly KnownCertificate[], Refusal>>;
}

export const ResponderDesk = token<ResponderDesk>('ResponderDesk');
