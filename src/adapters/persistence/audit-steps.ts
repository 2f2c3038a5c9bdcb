import { sql } from 'kysely';
import type { AuditEntry } from '../../domain/audit/audit-entry.ts';
import { prepared } from './query.ts';
import { step, type Step } from './unit.ts';

/**
 * The last steps of every unit that the audit is told of: what they say, they take effect with. The link is made inside the write
 * transaction while nobody else appends to that chain, so that several processes make one chain. A unit that is undone leaves no row.
 */
export const auditSteps = (entries: readonly AuditEntry[] = []): readonly Step[] =>
  entries.flatMap((entry) => [{ ...step(TAKE_HEAD({ tenant: entry.tenant })), holds: JSON.stringify(['audit', entry.tenant]) }, step(APPEND({ ...entry })), step(MOVE_HEAD({ tenant: entry.tenant }))]);

/**
 * On PostgreSQL the row of the end is the lock of its chain, held until the commit: whoever comes next sees what was appended. `where false`
 * locks and writes nothing. Where the record of the end was taken away, it is made again behind the last row.
 */
const TAKE_HEAD = prepared(({ tenant }: { tenant: string }) => ({
  sqlite: undefined,
  postgres: sql`
    insert into audit_head (tenant, seq, hash)
    values (${tenant}, 0, coalesce((select hash from audit_entry where tenant = ${tenant} order by seq desc limit 1), ''))
    on conflict (tenant) do update set seq = excluded.seq where false`,
}));

/**
 * Behind the record of the end; where that was taken away or set back, behind the last row. A damaged chain is no reason to refuse a
 * change; it stays to be seen as damaged. (`values` with questions in it, not `select`: SQLite copies what is selected from the table
 * that is written to, which costs more than all the rest.)
 */
const APPEND = prepared((entry: AuditEntry) => ({ sqlite: appendInSqlite(entry), postgres: appendInPostgres(entry) }));

function appendInSqlite({ tenant, at, by, what, subject, before, after }: AuditEntry) {
  const former = sql`
    coalesce((select hash from audit_head where tenant = ${tenant}), (select hash from audit_entry where tenant = ${tenant} order by seq desc limit 1), '')`;
  const last = sql`
    max(coalesce((select seq from audit_head where tenant = ${tenant}), 0), coalesce((select max(seq) from audit_entry where tenant = ${tenant}), 0))`;
  const hash = sql`audit_hash(${former}, ${tenant}, ${at}, ${by}, ${what}, ${subject}, ${before}, ${after})`;
  return sql`
    insert into audit_entry (tenant, seq, at, actor, what, subject, state_before, state_after, former, hash)
    values (${tenant}, ${last} + 1, ${at}, ${by}, ${what}, ${subject}, ${before}, ${after}, ${former}, ${hash})`;
}

/** PostgreSQL escapes in JSON what JSON.stringify escapes, and nothing else. `plainJson` of what `textForPostgres` made of NUL. */
function appendInPostgres({ tenant, at, by, what, subject, before, after }: AuditEntry) {
  const json = sql`array_to_json(array['fleetgate-audit-1', head.hash, g.tenant, g.at, g.actor, g.what, g.subject, g.state_before, g.state_after])::text`;
  const plainJson = sql`replace(replace(${json}, chr(57344) || '0', '\\u0000'), chr(57344) || '1', chr(57344))`;
  return sql`
    insert into audit_entry (tenant, seq, at, actor, what, subject, state_before, state_after, former, hash)
    select g.*, head.hash, encode(sha256(convert_to(${plainJson}, 'UTF8')), 'hex')
    from audit_head as head
    cross join lateral (select
      head.tenant, greatest(head.seq, (select coalesce(max(seq), 0) from audit_entry where tenant = head.tenant)) + 1 as seq,
      ${at}::text as at, ${by}::text as actor, ${what}::text as what, ${subject}::text as subject, ${before}::text as state_before, ${after}::text as state_after
    ) as g
    where head.tenant = ${tenant}`;
}

const MOVE_HEAD = prepared(
  ({ tenant }: { tenant: string }) => sql`
    insert into audit_head (tenant, seq, hash)
    select tenant, seq, hash from audit_entry where tenant = ${tenant} order by seq desc limit 1
    on conflict (tenant) do update set seq = excluded.seq, hash = excluded.hash`,
);
