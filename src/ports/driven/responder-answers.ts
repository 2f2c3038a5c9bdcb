import type { AuditEntry } from '../../domain/audit/audit-entry.ts';
import type { Fingerprint } from '../../domain/certificates/certificate.ts';
import type { AskedCertificate, KnownCertificate, NotedCertificate, ResponderRule } from '../../domain/revocation/responder-answer.ts';
import type { RevocableCertificate } from '../../domain/revocation/revocation.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import { token } from '../token.ts';

/**
 * Remembers what OCSP responders said of which certificates, when each is asked about again, and what each tenant asks of a CA's responders.
 *
 * - A certificate is there once for each tenant and trusted CA. Nothing of one tenant is ever found under another.
 * - `about` takes time by the number of certificates asked about, not by that of those known: it is asked in every connect.
 * - `keep` with audit entries, `setRule` and `removeRule` move the `AdmissionEpoch` in the same write; `note` and a `keep` without them do not.
 * - `removeRule` forgets every certificate of that CA in the same write.
 * - `audit`: entries that are kept in the same write, if and only if the change takes effect (see `AuditTrail`).
 * - A resolved write is durable (D-13), and every read after it sees it. A rejected promise means the store is out of order, never "no".
 */
export interface ResponderAnswers {
  /** Of every trusted CA of the tenant, those with the serial number of one of these, in no promised order. */
  about(tenant: TenantId, certificates: readonly Pick<RevocableCertificate, 'serialNumber'>[]): Promise<readonly KnownCertificate[]>;
  /** Those with this serial number (as in `Certificate`) or fingerprint; at most 100. */
  named(tenant: TenantId, name: string): Promise<readonly KnownCertificate[]>;
  /** Adds what is new, to be asked about at `askAt`; of what is there, only `wantedUntil` moves, and only forward. At most 1,000. */
  note(certificates: readonly NotedCertificate[], askAt: Date): Promise<void>;
  /** Those of one CA whose time came (`askAt` is not after `at`), the longest waiting first; none that ended or is wanted no longer. */
  due(of: Pick<AskedCertificate, 'tenant' | 'anchor'>, at: Date, limit: number): Promise<readonly KnownCertificate[]>;
  /** Takes the place of what was known. Returns false where the certificate is not there, or what is there has an answer with a later `thisUpdate`. */
  keep(known: KnownCertificate, audit?: readonly AuditEntry[]): Promise<boolean>;
  /** Forgets those that ended, or were wanted no longer, before `before`, and issuers of none that is left. */
  forget(before: Date): Promise<void>;

  /** DER of the certificate of an issuer between device and trusted CA, where one was kept. */
  issuerOf(tenant: TenantId, fingerprint: Fingerprint): Promise<Uint8Array | undefined>;
  keepIssuer(tenant: TenantId, fingerprint: Fingerprint, der: Uint8Array): Promise<void>;

  ruleOf(tenant: TenantId, anchor: Fingerprint): Promise<ResponderRule | undefined>;
  /** Of all tenants that have one, by tenant and CA. */
  rules(): Promise<readonly ResponderRule[]>;
  setRule(rule: ResponderRule, audit?: readonly AuditEntry[]): Promise<void>;
  /** Whether there was one. */
  removeRule(tenant: TenantId, anchor: Fingerprint, audit?: readonly AuditEntry[]): Promise<boolean>;
}

export const ResponderAnswers = token<ResponderAnswers>('ResponderAnswers');
