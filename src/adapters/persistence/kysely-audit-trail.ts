import { setImmediate as turn } from 'node:timers/promises';
import { sql } from 'kysely';
import type { AuditEntry, AuditRow } from '../../domain/audit/audit-entry.ts';
import type { ChainHead } from '../../domain/audit/check-chain.ts';
import type { AuditFilter, AuditTrail } from '../../ports/driven/audit-trail.ts';
import { sha256 } from './audit-hash.ts';
import { auditSteps } from './audit-steps.ts';
import type { Database } from './database.ts';
import { compiled, prepared, tables, type Query } from './query.ts';
import type { AuditEntryTable } from './schema.ts';

/** Rows that are read in one go: some milliseconds with their hashes. */
const PAGE = 200;

export class KyselyAuditTrail implements AuditTrail {
  readonly #db: Database;

  constructor({ db }: { db: Database }) {
    this.#db = db;
  }

  async append(entries: readonly AuditEntry[]): Promise<void> {
    if (entries.length > 0) await this.#db.write(auditSteps(entries));
  }

  async list(tenant: string, filter: AuditFilter, limit: number): Promise<readonly AuditRow[]> {
    return (await this.#db.read(pageOf(tenant, filter, limit))).map(toEntry);
  }

  async *rowsOf(tenant: string): AsyncIterable<AuditRow> {
    // From below the first: what somebody put there shall be seen.
    for (let after = Number.MIN_SAFE_INTEGER; ; await turn()) {
      const rows = await this.list(tenant, { after }, PAGE);
      yield* rows;
      if (rows.length < PAGE) return;
      after = rows.at(-1)!.seq;
    }
  }

  hashOf(text: string): string {
    return sha256(text);
  }

  async headOf(tenant: string): Promise<ChainHead | undefined> {
    return (await this.#db.read(HEAD({ tenant })))[0];
  }

  async seqOf(tenant: string, hash: string): Promise<number | undefined> {
    return (await this.#db.read(SEQ({ tenant, hash })))[0]?.seq;
  }

  async tenants(): Promise<readonly string[]> {
    return (await this.#db.read(TENANTS({}))).map(({ tenant }) => tenant);
  }
}

const toEntry = ({ actor, state_before, state_after, ...row }: AuditEntryTable): AuditRow => ({ ...row, by: actor, before: state_before, after: state_after });

function pageOf(tenant: string, { after, before, subject, what, from, until }: AuditFilter, limit: number): Query<AuditEntryTable> {
  let query = tables.selectFrom('audit_entry').selectAll().where('tenant', '=', tenant);
  if (after !== undefined) query = query.where('seq', '>', after);
  if (before !== undefined) query = query.where('seq', '<', before);
  if (subject !== undefined) query = query.where('subject', '=', subject);
  if (what !== undefined) query = query.where('what', '=', what);
  if (from !== undefined) query = query.where('at', '>=', from.toISOString());
  if (until !== undefined) query = query.where('at', '<', until.toISOString());
  return compiled(query.orderBy('seq', after === undefined ? 'desc' : 'asc').limit(limit));
}

const HEAD = prepared((p: { tenant: string }) => tables.selectFrom('audit_head').select(['seq', 'hash']).where('tenant', '=', p.tenant));

/** Looks through the whole chain: only asked where a link is broken. */
const SEQ = prepared((p: { tenant: string; hash: string }) =>
  tables.selectFrom('audit_entry').select('seq').where('tenant', '=', p.tenant).where('hash', '=', p.hash).limit(1),
);

const TENANTS = prepared((_: object) => sql<{ readonly tenant: string }>`select tenant from audit_head union select distinct tenant from audit_entry order by 1`);
