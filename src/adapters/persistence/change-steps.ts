import { sql } from 'kysely';
import type { ChangeNote } from '../../domain/changes/change.ts';
import { KEPT_CHANGES } from '../../ports/driven/change-feed.ts';
import { moveEpoch } from './kysely-admission-epoch.ts';
import { prepared, tables } from './query.ts';
import { step, type Step } from './unit.ts';

/**
 * The steps of every unit that grants or withdraws admission: the epoch moves, and a note with its new value as number is put into the feed.
 *
 * The number is taken under the lock of the epoch's one row, which is held until the commit. So numbers are given in the order of commits, on
 * PostgreSQL too, where a sequence would not do: there a transaction that took 7 may commit after one that took 8, and a reader that has seen 8
 * would never look for 7. What is rolled back gives its number back.
 */
export const changed = (note: ChangeNote): readonly Step[] => [moveEpoch, ...noted(note)];

/** Without the move, for units that have moved the epoch by themselves. */
export const noted = ({ tenant, kind, subject }: ChangeNote): readonly Step[] => [step(NOTE({ tenant, kind, subject })), PRUNE, WAKE];

const newest = () => tables.selectFrom('admission_epoch').select('value').where('id', '=', 1);

const NOTE = prepared((p: { tenant: string; kind: string; subject: string }) =>
  tables.insertInto('change_note').values({ seq: newest(), tenant: p.tenant, kind: p.kind, subject: p.subject }),
);

/** With each note one goes: nobody has to come and sweep. */
const PRUNE: Step = step(
  prepared((_: object) => tables.deleteFrom('change_note').where('seq', '<=', sql<number>`(${newest()}) - ${sql.lit(KEPT_CHANGES)}`))({}),
);

/** What PostgreSQL tells listeners on, at the commit. */
export const CHANNEL = 'fleetgate_change';

/** SQLite tells nobody: there one asks (`wakeByDataVersion`). */
const WAKE: Step = step(prepared((_: object) => ({ sqlite: undefined, postgres: sql`select pg_notify(${sql.lit(CHANNEL)}, '')` }))({}));
