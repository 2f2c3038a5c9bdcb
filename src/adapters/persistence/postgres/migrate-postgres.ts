import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '../../../ports/driven/log.ts';
import { databaseFailure, wordsOf, type DatabaseFailure } from '../database-failure.ts';
import { MIGRATIONS, type Migration } from '../migrations/all-migrations.ts';
import { Link } from './link.ts';
import { explained, isFinal } from './postgres-failure.ts';
import { placeOf, type PostgresAddress } from './postgres-url.ts';

export interface MigratePostgresOptions {
  readonly address: PostgresAddress;
  readonly log: Log;
  /** How long to wait for a PostgreSQL that is not there yet. */
  readonly startMs: number;
  readonly migrations?: readonly Migration[];
}

/** Another process may be at it; tables with many rows take their time. */
const LIMITS = { connectMs: 5_000, statementMs: 600_000, togetherMs: 600_000, lockMs: 300_000 };
const PAUSE_MS = 500;

/**
 * Brings the database to the schema of this program, all missing steps in one transaction. Of several processes one does it, and the others
 * wait for it. Rejects with a sentence for the operator.
 */
export async function migratePostgres({ address, log, startMs, migrations = MIGRATIONS }: MigratePostgresOptions): Promise<void> {
  const place = placeOf(address);
  const link = await openInTime(address, startMs, log);
  try {
    const before = await inTransaction(link, () => missingSteps(link, migrations, place));
    if (before < migrations.length) log.info({ place, from: before, to: migrations.length }, 'The database schema is up to date.');
  } catch (error) {
    const told = explained(error, place);
    if (told.code !== 'database-failed') throw told;
    throw databaseFailure('database-unusable', `The database ${place} could not be brought to the present schema (${wordsOf(error)}). Name an empty one in FLEETGATE_DATABASE_URL, or restore a backup.`, error);
  } finally {
    await link.end();
  }
}

/** How many migrations the database has seen; it only looks. Rejects with a sentence for the operator. */
export async function versionOfPostgres(address: PostgresAddress): Promise<number> {
  let link: Link | undefined;
  try {
    link = await Link.open(address, LIMITS);
    return await versionOf(link);
  } catch (error) {
    throw explained(error, placeOf(address));
  } finally {
    await link?.end();
  }
}

async function openInTime(address: PostgresAddress, startMs: number, log: Log): Promise<Link> {
  const place = placeOf(address);
  let told: DatabaseFailure | undefined;
  for (const until = performance.now() + startMs; ; ) {
    try {
      return await Link.open(address, LIMITS);
    } catch (error) {
      const failure = explained(error, place);
      if (isFinal(failure) || performance.now() >= until) throw failure;
      if (told === undefined) log.warn({ place, code: failure.code }, failure.message);
      told = failure;
    }
    await pause(PAUSE_MS);
  }
}

async function inTransaction<T>(link: Link, work: () => Promise<T>): Promise<T> {
  await link.say('begin');
  const done = await work().catch(async (error: unknown) => {
    await link.say('rollback').catch(() => undefined);
    throw error;
  });
  await link.say('commit');
  return done;
}

/** Returns the version that was there. The lock goes with the transaction. */
async function missingSteps(link: Link, migrations: readonly Migration[], place: string): Promise<number> {
  await link.say(`select pg_advisory_xact_lock(hashtextextended('fleetgate schema', 0))`);
  const before = await versionOf(link);
  if (before > migrations.length)
    throw databaseFailure(
      'database-newer',
      `The database ${place} has schema version ${before}; this Fleetgate knows versions up to ${migrations.length}. Start the newer Fleetgate that wrote it, or restore the backup made before the upgrade.`,
    );
  for (const [i, migration] of migrations.entries()) if (i >= before) await apply(link, i + 1, migration);
  return before;
}

async function versionOf(link: Link): Promise<number> {
  const { rows } = await link.ask({ sql: `select to_regclass('schema_version') is not null as known`, parameters: [], looks: true });
  if ((rows[0] as { known: string }).known !== 't') return 0;
  const versions = await link.ask({ sql: 'select coalesce(max(version), 0) as version from schema_version', parameters: [], looks: true });
  return (versions.rows[0] as { version: number }).version;
}

async function apply(link: Link, version: number, { name, up }: Migration): Promise<void> {
  for (const { sql, parameters } of up()) await link.ask({ sql: inPostgres(sql), parameters, looks: false });
  await link.say('create table if not exists schema_version (version bigint primary key, name text not null)');
  await link.ask({ sql: 'insert into schema_version (version, name) values ($1, $2)', parameters: [version, name], looks: false });
}

/**
 * Text is compared and sorted by its bytes, as SQLite does it, and integers are as wide as SQLite's. An index on the key of a name goes by
 * its hash, in a primary key too: names may be longer than a row of an ordered index.
 */
export function inPostgres(sql: string): string {
  if (/^create index "\w+" on "\w+" \("(subject_key|issuer_key)"\)$/.test(sql)) return sql.replace(' (', ' using hash (');
  if (!/^(create|alter) table/.test(sql)) return sql;
  return sql.replace(KEY_WITH_ISSUER, `, "issuer_hash" text not null generated always as (${HASH}) stored, constraint $1 primary key ($2"issuer_hash"$3))`).replaceAll(/" text\b/g, '" text collate "C"').replaceAll(/" integer\b/g, '" bigint');
}

const KEY_WITH_ISSUER = /, constraint ("\w+") primary key \((.*)"issuer_key"(.*)\)\)$/;
/** `convert_to` depends on settings, so that no column may be made by it; of a text as bytea only the backslash, `chr(92)`, means something. */
const HASH = `encode(sha256(replace("issuer_key", chr(92), chr(92) || chr(92))::bytea), 'hex')`;
