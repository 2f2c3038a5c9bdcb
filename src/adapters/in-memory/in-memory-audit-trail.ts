import { createHash } from 'node:crypto';
import { hashedText, type AuditEntry, type AuditRow } from '../../domain/audit/audit-entry.ts';
import type { ChainHead } from '../../domain/audit/check-chain.ts';
import type { AuditFilter, AuditTrail } from '../../ports/driven/audit-trail.ts';
import { inOrder, type InMemoryState } from './in-memory-state.ts';

export class InMemoryAuditTrail implements AuditTrail {
  readonly #state: InMemoryState;

  constructor({ state }: { state: InMemoryState }) {
    this.#state = state;
  }

  async append(entries: readonly AuditEntry[]): Promise<void> {
    keepAudit(this.#state, entries);
  }

  async list(tenant: string, filter: AuditFilter, limit: number): Promise<readonly AuditRow[]> {
    const found = this.#rowsOf(tenant).filter(fits(filter));
    return (filter.after === undefined ? found.reverse() : found).slice(0, limit);
  }

  async *rowsOf(tenant: string): AsyncIterable<AuditRow> {
    yield* this.#rowsOf(tenant);
  }

  hashOf(text: string): string {
    return sha256(text);
  }

  async headOf(tenant: string): Promise<ChainHead | undefined> {
    const last = this.#rowsOf(tenant).at(-1);
    return last && { seq: last.seq, hash: last.hash };
  }

  async seqOf(tenant: string, hash: string): Promise<number | undefined> {
    return this.#rowsOf(tenant).find((row) => row.hash === hash)?.seq;
  }

  async tenants(): Promise<readonly string[]> {
    return [...this.#state.audit.keys()].sort(inOrder);
  }

  #rowsOf(tenant: string): AuditRow[] {
    return [...(this.#state.audit.get(tenant) ?? [])];
  }
}

/** The last thing that every store does in a change that took effect. */
export function keepAudit({ audit }: InMemoryState, entries: readonly AuditEntry[] | undefined): void {
  for (const entry of entries ?? []) {
    const rows = audit.get(entry.tenant) ?? [];
    const former = rows.at(-1)?.hash ?? '';
    const hash = sha256(hashedText(former, entry));
    rows.push({ ...entry, seq: rows.length + 1, former, hash });
    audit.set(entry.tenant, rows);
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const fits =
  ({ after, before, subject, what, from, until }: AuditFilter) =>
  (row: AuditRow): boolean =>
    row.seq > (after ?? 0) &&
    row.seq < (before ?? Infinity) &&
    (subject === undefined || row.subject === subject) &&
    (what === undefined || row.what === what) &&
    (from === undefined || row.at >= from.toISOString()) &&
    (until === undefined || row.at < until.toISOString());
