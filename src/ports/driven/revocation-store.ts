import type { AuditEntry } from '../../domain/audit/audit-entry.ts';
import type { Revocation, RevocationSource, RevocableCertificate, ReversibleSource, RevokedName } from '../../domain/revocation/revocation.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { Page, PageRequest } from '../page.ts';
import { token } from '../token.ts';

/**
 * Remembers which certificates each tenant calls revoked, and who says so.
 *
 * - A statement is there once: its key is tenant, source, serial number, issuer and fingerprint, all compared exactly.
 * - No statement of one tenant is ever found under another.
 * - `about` takes time by the number of certificates asked about, not by that of the statements: it is asked in every connect.
 * - `add` takes all that it is given, or nothing. What is there already stays as it is, date and reason included.
 * - A change that took effect moves the `AdmissionEpoch` in the same transaction. Lists (`crl:…`) are the exception: they move nothing,
 *   neither coming nor going, for whoever fills one in parts has it count, or no longer count, by a change of its own, which does.
 * - `audit`: entries that are kept in the same write (see `AuditTrail`); those of `add` also where all of it was said before.
 * - A resolved write is durable (D-13), and every read after it sees it: no adapter caches past a write, its own or another process's.
 * - A rejected promise means the store is out of order, never "no".
 */
export interface RevocationStore {
  /** At most `MOST_AT_ONCE`. Returns those that are new, in the order given; of two with one key the first counts. */
  add(revocations: readonly Revocation[], audit?: readonly AuditEntry[]): Promise<readonly Revocation[]>;

  /** As `add`, of one tenant; but nothing where its operators (`OPERATOR_SOURCES`) would have said more than `most` in all, however callers race. */
  addWithin(most: number, revocations: readonly Revocation[], audit?: readonly AuditEntry[]): Promise<readonly Revocation[] | 'too-many'>;

  /** Everything that any source says about any of these certificates (`isMeant`), each once, in no promised order. */
  about(tenant: TenantId, certificates: readonly RevocableCertificate[]): Promise<readonly Revocation[]>;

  /** Takes back the statement of exactly this name. Returns whether there was one. */
  release(tenant: TenantId, source: ReversibleSource, name: RevokedName, audit?: readonly AuditEntry[]): Promise<boolean>;

  /** Forgets statements of a list, at most `limit` of them. Returns how many: fewer than `limit` when none is left. */
  forgetList(tenant: TenantId, list: Extract<RevocationSource, `crl:${string}`>, limit: number): Promise<number>;

  /** Those of one source after `after`, by serial number, issuer and fingerprint (code units or bytes, but always the same); at most `limit`. */
  walk(tenant: TenantId, source: RevocationSource, after: RevokedName | undefined, limit: number): Promise<readonly Revocation[]>;

  /** One tenant's statements by one of `sources`, newest first (then by serial number, issuer, fingerprint, source). */
  listOf(tenant: TenantId, sources: readonly RevocationSource[], page: PageRequest): Promise<Page<Revocation>>;

  /** How many those are. */
  countOf(tenant: TenantId, sources: readonly RevocationSource[]): Promise<number>;
}

/** So that no write holds up the others for long. */
export const MOST_AT_ONCE = 5_000;

export const RevocationStore = token<RevocationStore>('RevocationStore');
