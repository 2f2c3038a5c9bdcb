import type { AuditFilter, AuditTrail } from '../../ports/driven/audit-trail.ts';
import type { AuditDesk } from '../../ports/driving/audit-desk.ts';
import type { AuditRow } from '../audit/audit-entry.ts';
import { checkChain, type ChainReport } from '../audit/check-chain.ts';
import type { TenantId } from '../trust/tenant.ts';

const LARGEST_LIST = 2000;

export class ReadAudit implements AuditDesk {
  readonly #trail: AuditTrail;

  constructor({ trail }: { readonly trail: AuditTrail }) {
    this.#trail = trail;
  }

  async list(tenant: TenantId, filter: AuditFilter, limit: number): Promise<readonly AuditRow[]> {
    return this.#trail.list(tenant, filter, Math.min(Math.max(limit, 1), LARGEST_LIST));
  }

  async verify(tenant?: TenantId): Promise<readonly ChainReport[]> {
    const reports: ChainReport[] = [];
    // One after the other: each may be long.
    for (const each of tenant === undefined ? await this.#trail.tenants() : [tenant]) reports.push(await this.#check(each));
    return reports;
  }

  async #check(tenant: string): Promise<ChainReport> {
    const trail = this.#trail;
    // Its end first: rows that come meanwhile stand behind it.
    const head = await trail.headOf(tenant);
    return checkChain({
      ...{ tenant, head, rows: trail.rowsOf(tenant) },
      sha256: (text) => trail.hashOf(text),
      seqOf: (hash) => trail.seqOf(tenant, hash),
    });
  }
}
