import type { TenantId } from '../../../domain/trust/tenant.ts';

/** Each running bulk registration may hold the ids of a whole file in memory: so many at once, and so many of one tenant. */
const MOST_AT_ONCE = 4;
const MOST_OF_A_TENANT = 2;

/** Counts the bulk registrations that are under way. */
export class BulkSeats {
  readonly #taken: TenantId[] = [];

  /** Returns how to give the seat back (safe to call twice), or undefined when none is free. */
  take(tenant: TenantId): (() => void) | undefined {
    const ofTenant = this.#taken.filter((each) => each === tenant).length;
    if (this.#taken.length >= MOST_AT_ONCE || ofTenant >= MOST_OF_A_TENANT) return undefined;
    this.#taken.push(tenant);
    let isMine = true;
    return () => {
      if (isMine) this.#taken.splice(this.#taken.indexOf(tenant), 1);
      isMine = false;
    };
  }
}
