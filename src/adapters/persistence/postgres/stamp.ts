import { setTimeout as pause } from 'node:timers/promises';
import type { Statement } from '../query.ts';
import type { Links } from './links.ts';

/** By which a transaction is found again, on the line of history that it was begun in. */
export interface Stamp {
  readonly id: string;
  readonly history: string;
}

/**
 * The id of the running transaction. After a failover the same id may be given anew to another transaction; the timeline, which leads the
 * names of the log's files, is another one then, as is the system where another database was put in place.
 */
const HISTORY = `(select system_identifier from pg_control_system())::text || '/' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)`;
export const STAMP: Statement = { sql: `select pg_current_xact_id()::text as id, ${HISTORY} as history`, parameters: [], name: 'stamp', looks: false };

const STATUS: Statement = { sql: `select case when $2 = ${HISTORY} then pg_xact_status($1::xid8) end as status`, parameters: [], name: 'status', looks: true };

const TRIES = 12;
const PAUSE_MS = 250;

/**
 * What became of a transaction whose commit was not answered: `unknown` where PostgreSQL does not come back within some seconds, or does
 * not remember (F15).
 */
export async function outcomeOf({ id, history }: Stamp, links: Links): Promise<'committed' | 'aborted' | 'unknown'> {
  for (let i = 0; i < TRIES; i += 1) {
    try {
      const { rows } = await links.use((link) => link.ask({ ...STATUS, parameters: [id, history] }));
      const { status } = rows[0] as { readonly status: string | null };
      if (status === 'committed' || status === 'aborted') return status;
      if (status === null) return 'unknown';
    } catch {
      // Not there yet.
    }
    await pause(PAUSE_MS);
  }
  return 'unknown';
}
