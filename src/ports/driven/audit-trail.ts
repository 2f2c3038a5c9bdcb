import type { AuditEntry, AuditRow } from '../../domain/audit/audit-entry.ts';
import type { ChainHead } from '../../domain/audit/check-chain.ts';
import { token } from '../token.ts';

/**
 * Remembers who did what, in one chain of hashes per tenant (D-48).
 *
 * - Rows are added and never changed or removed. Each tenant's are numbered from 1 without gaps, and each holds the hash of the one
 *   before it, however many processes write: a link is made in the write that commits the row.
 * - The stores take the entries of a change along: they are there if and only if the change took effect, and durable with it. `append`
 *   is for what no store writes.
 * - Rows of one write stand in the order of its entries.
 * - A resolved write is durable (D-13), and every read after it sees it. A rejected promise means the store is out of order.
 */
export interface AuditTrail {
  append(entries: readonly AuditEntry[]): Promise<void>;

  /** Of one tenant: with `after` by number, else from the newest back. At most `limit`. */
  list(tenant: string, filter: AuditFilter, limit: number): Promise<readonly AuditRow[]>;

  /** All rows of one tenant by number. Others have their turn between two pages of them. */
  rowsOf(tenant: string): AsyncIterable<AuditRow>;

  /** The hash that chains are made of: SHA-256 of the text in UTF-8, in lower-case hex. */
  hashOf(text: string): string;

  /** Where the chain of the tenant ends, by its own record. */
  headOf(tenant: string): Promise<ChainHead | undefined>;

  /** The number of the tenant's row with this hash. */
  seqOf(tenant: string, hash: string): Promise<number | undefined>;

  /** All that have a chain, by id; also those of which only the rows or only the record of their end is left. */
  tenants(): Promise<readonly string[]>;
}

/** Every member narrows further. */
export interface AuditFilter {
  /** Numbers beyond this one, or below that one. */
  readonly after?: number;
  readonly before?: number;
  /** Exactly. */
  readonly subject?: string;
  readonly what?: string;
  readonly from?: Date;
  /** Up to this time, not including it. */
  readonly until?: Date;
}

export const AuditTrail = token<AuditTrail>('AuditTrail');
