import { sql } from 'kysely';
import type { AuditEntry } from '../../domain/audit/audit-entry.ts';
import { prepared, tables } from './query.ts';
import { step, type Step } from './unit.ts';

/**
 * The last steps of every unit that the audit is told of: what they say, they take effect with. The link is made inside the write
 * transaction, where nobody else writes, so that several processes make one chain. A unit that is undone leaves no row.
 */
export const auditSteps = (entries: readonly AuditEntry[] = []): readonly Step[] => entries.flatMap((entry) => [step(APPEND({ ...entry })), step(MOVE_HEAD({ tenant: entry.tenant }))]);

/**
 * Behind the record of the end; where that was taken away or set back, behind the last row. A damaged chain is no reason to refuse a
 * change; it stays to be seen as damaged. (`values` with questions in it, not `select`: SQLite copies what is selected from the table
 * that is written to, which costs more than all the rest.)
 */
const APPEND = prepared(({ tenant, at, by, what, subject, before, after }: AuditEntry) => {
  const former = sql`
    coalesce((select hash from audit_head where tenant = ${tenant}), (select hash from audit_entry where tenant = ${tenant} order by seq desc limit 1), '')`;
  const last = sql`
    max(coalesce((select seq from audit_head where tenant = ${tenant}), 0), coalesce((select max(seq) from audit_entry where tenant = ${tenant}), 0))`;
  const hash = sql`audit_hash(${former}, ${tenant}, ${at}, ${by}, ${what}, ${subject}, ${before}, ${after})`;
  const append = sql`
    insert into audit_entry (tenant, seq, at, actor, what, subject, state_before, state_after, former, hash)
    values (${tenant}, ${last} + 1, ${at}, ${by}, ${what}, ${subject}, ${before}, ${after}, ${former}, ${hash})`;
  return { compile: () => append.compile(tables) };
});

const MOVE_HEAD = prepared(({ tenant }: { tenant: string }) => {
  const move = sql`
    insert into audit_head (tenant, seq, hash)
    select tenant, seq, hash from audit_entry where tenant = ${tenant} order by seq desc limit 1
    on conflict (tenant) do update set seq = excluded.seq, hash = excluded.hash`;
  return { compile: () => move.compile(tables) };
});
