import type { Log } from '../../../ports/driven/log.ts';
import type { Database } from '../database.ts';
import { databaseFailure, type DatabaseFailure } from '../database-failure.ts';
import { compiled } from '../query.ts';
import { sql } from 'kysely';
import { LIMITS, Link, type LinkLimits } from './link.ts';
import { Links } from './links.ts';
import { migratePostgres } from './migrate-postgres.ts';
import { PostgresReader } from './postgres-reader.ts';
import { placeOf, type PostgresAddress } from './postgres-url.ts';
import { PostgresWriter } from './postgres-writer.ts';

export interface OpenPostgresOptions {
  readonly address: PostgresAddress;
  readonly log: Log;
  readonly whenCommitted?: (seconds: number) => void;
  readonly limits?: LinkLimits;
  /** Who waits for longer before it is asked is refused. */
  readonly waitMs?: number;
  readonly queueLimit?: number;
  /** How long a start waits for a PostgreSQL that is not there yet. */
  readonly startMs?: number;
}

/** Asked for by whoever wants to know whether the gate is ready, so that the answer must come soon. */
const PROBE_MS = 1_500;

/** A `Database` on PostgreSQL. Rejects with a sentence that says what to do. */
export async function openPostgres({ address, log, whenCommitted, limits = LIMITS, waitMs = 2_000, queueLimit = 20_000, startMs = 20_000 }: OpenPostgresOptions): Promise<Database> {
  const place = placeOf(address);
  const { connections } = address;
  await migratePostgres({ address, log, startMs });
  const onOutage = outageTold(log, place);
  const linksOf = (most: number): Links => new Links({ open: () => Link.open(address, limits), place, most, queueLimit, waitMs, onOutage });
  const writing = Math.max(1, Math.floor(connections / 2));
  const pools = { reading: linksOf(Math.max(1, connections - writing)), writing: linksOf(writing) };
  const reader = new PostgresReader({ links: pools.reading, place, abreast: Math.max(1, Math.floor((connections - writing) / 2)), queueLimit, waitMs });
  const writer = new PostgresWriter({ links: pools.writing, place, queueLimit, waitMs, ...(whenCommitted && { whenCommitted }) });
  return {
    read: (query) => reader.all(query),
    write: (unit) => writer.write(unit),
    probe: () => withinTime(probe(reader, place), place),
    async close() {
      await Promise.all([writer.idle(), reader.idle()]);
      await Promise.all([pools.writing.close(), pools.reading.close()]);
    },
  };
}

/** One line when it goes and one when it comes back, however many connections it had. */
function outageTold(log: Log, place: string): (failure: DatabaseFailure | undefined) => void {
  let since: number | undefined;
  return (failure) => {
    if (failure && since === undefined) {
      since = performance.now();
      log.error({ place, code: failure.code }, failure.message);
    }
    if (!failure && since !== undefined) {
      log.info({ place, seconds: Math.round((performance.now() - since) / 1000) }, 'PostgreSQL is back.');
      since = undefined;
    }
  };
}

async function probe(reader: PostgresReader, place: string): Promise<void> {
  const [row] = await reader.all(TAKES_WRITES);
  if (row?.read_only !== 'off') throw databaseFailure('database-read-only', `PostgreSQL at ${place} takes no writes: it is a standby, or default_transaction_read_only is on.`);
}

const TAKES_WRITES = compiled(sql<{ readonly read_only: string }>`select current_setting('transaction_read_only') as read_only`);

async function withinTime(asked: Promise<void>, place: string): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(databaseFailure('database-slow', `PostgreSQL at ${place} did not answer within ${PROBE_MS} ms.`)), PROBE_MS);
  await Promise.race([asked, late.promise]).finally(() => clearTimeout(timer));
}
