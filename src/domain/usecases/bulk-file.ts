import type { DeviceId } from '../identity/device-identity.ts';
import type { TenantId } from '../trust/tenant.ts';
import type { BulkRow } from '../../ports/driving/registration-desk.ts';

/** Rows of one file, good or bad. */
export const MOST_ROWS = 1_000_000;

type Result = 'registered' | 'updated' | 'failed';

/**
 * What has to be remembered of one bulk file while it runs: which ids it held so far (C04), which tenants it may name, and the figures.
 *
 * The ids are kept themselves, not as hashes: a hash that collides would refuse a good row (D-17), and a plain one can be attacked.
 * Bound: `MOST_ROWS` ids. 1,000,000 ids take 80 MB of heap with 20 characters each, 310 MB with 254 (Node 24).
 */
export class BulkFile {
  /** Whose administrator sent the file. */
  readonly tenant: TenantId;
  readonly #lines = new Map<TenantId, Map<DeviceId, number>>();
  readonly #known = new Set<TenantId>();
  readonly #figures = new Map<TenantId, Record<Result, number>>();
  readonly #mostRows: number;
  #rows = 0;
  #firstUnread: BulkRow | undefined;

  constructor(tenant: TenantId, mostRows: number) {
    this.tenant = tenant;
    this.#mostRows = mostRows;
  }

  /** Counts the row; false when it is one too many. */
  admits(row: BulkRow): boolean {
    if (this.#rows < this.#mostRows) this.#rows += 1;
    else this.#firstUnread ??= row;
    return this.#firstUnread === undefined;
  }

  /** The row that was one too many. */
  get firstUnread(): BulkRow | undefined {
    return this.#firstUnread;
  }

  /** Enters the id; returns the line that holds it already, if one does. */
  enter(tenant: TenantId, id: DeviceId, line: number): number | undefined {
    const lines = this.#lines.get(tenant) ?? new Map<DeviceId, number>();
    this.#lines.set(tenant, lines);
    const former = lines.get(id);
    if (former === undefined) lines.set(copyOf(id), line);
    return former;
  }

  /** Tenants that were found to exist; no more than exist. */
  knows(tenant: TenantId): boolean {
    return this.#known.has(tenant);
  }

  learn(tenant: TenantId): void {
    this.#known.add(tenant);
  }

  count(tenant: TenantId, result: Result): void {
    const figures = this.#figures.get(tenant) ?? { registered: 0, updated: 0, failed: 0 };
    this.#figures.set(tenant, figures);
    figures[result] += 1;
  }

  /** One line for each tenant concerned, for the audit. */
  summary(): readonly { readonly tenant: TenantId; readonly subject: string }[] {
    return [...this.#figures].map(([tenant, { registered, updated, failed }]) => ({
      tenant,
      subject: `${registered} registered, ${updated} updated, ${failed} failed`,
    }));
  }
}

/** V8 keeps the whole text alive that a longer string was cut out of: without a copy each id would hold its row, and the row may have 64 KiB. */
const copyOf = (id: DeviceId): DeviceId => id.split('').join('') as DeviceId;
