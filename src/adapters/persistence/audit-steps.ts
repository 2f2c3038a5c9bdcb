import { sql } from 'kysely';
import type { AuditEntry } from '../../domain/audit/audit-entry.ts';
import { prepared, tables } from './query.ts';
import { steps, type Step } from './unit.ts';

/**
 * The last steps of every unit that the audit is told of: what they say, they take effect with. The link is made inside the write
 * transaction, where nobody else writes, so that several processes make one chain. A unit that is undone leaves no row.
 */
export function auditSteps(entries: readonly AuditEntry[] | undefined): readonly Step[] {
  const [first, ...others] = entries ?? [];
  if (!first) return [];
  const [oneTenant, ...moreTenants] = [...new Set([first, ...others].map(({ tenant }) => tenant))];
  return [
    steps([APPEND({ ...first }), ...others.map((entry) => APPEND({ ...entry }))]),
    steps([MOVE_HEAD({ tenant: oneTenant! }), ...moreTenants.map((tenant) => MOVE_HEAD({ tenant }))]),
  ];
}

/**
 * Behind the record of the end, or behind the last row where there are more rows than that: those of the same unit, or what somebody
 * else's program put there. A damaged chain is no reason to refuse a change; it stays to be seen as damaged.
 */
const APPEND = prepared(({ tenant, at, by, what, subject, before, after }: AuditEntry) => ({
  compile: () =>
    sql`
      insert into audit_entry (tenant, seq, at, actor, what, subject, state_before, state_after, former, hash)
      select tenant, seq + 1, ${at}, ${by}, ${what}, ${subject}, ${before}, ${after}, hash,
        audit_hash(hash, tenant, ${at}, ${by}, ${what}, ${subject}, ${before}, ${after})
      from (
        select tenant, seq, hash, 1 as choice from audit_head where tenant = ${tenant}
        union all select * from (select tenant, seq, hash, 2 from audit_entry where tenant = ${tenant} order by seq desc limit 1)
        union all select ${tenant}, 0, '', 3
        order by seq desc, choice limit 1
      )`.compile(tables),
}));

const MOVE_HEAD = prepared(({ tenant }: { tenant: string }) => ({
  compile: () =>
    sql`
      insert into audit_head (tenant, seq, hash)
      select tenant, seq, hash from audit_entry where tenant = ${tenant} order by seq desc limit 1
      on conflict (tenant) do update set seq = excluded.seq, hash = excluded.hash`.compile(tables),
}));
