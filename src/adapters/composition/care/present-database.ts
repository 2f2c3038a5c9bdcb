import { existsSync } from 'node:fs';
import { isOnManyNodes, type Settings } from '../../config/settings.ts';
import type { Database } from '../../persistence/database.ts';
import { versionOfSqlite } from '../../persistence/migrate.ts';
import { MIGRATIONS } from '../../persistence/migrations/all-migrations.ts';
import { openDatabase } from '../../persistence/open-database.ts';
import { versionOfPostgres } from '../../persistence/postgres/migrate-postgres.ts';
import { openPostgres } from '../../persistence/postgres/open-postgres.ts';
import { postgresAddressOf } from '../../persistence/postgres/postgres-url.ts';
import { sqliteFileOf } from '../../persistence/sqlite-file.ts';
import type { Log } from '../../../ports/driven/log.ts';

/** Opens the database of a server that may be running, as it is: a command makes none, and brings none to another schema. @throws a sentence */
export async function openPresentDatabase(settings: Pick<Settings, 'databaseUrl'>, env: Readonly<Record<string, string | undefined>>, log: Log): Promise<Database> {
  if (isOnManyNodes(settings)) {
    const address = postgresAddressOf(settings.databaseUrl, env);
    checkVersion(await versionOfPostgres(address), 'The database');
    return openPostgres({ address, log, startMs: 0 });
  }
  const file = sqliteFileOf(settings.databaseUrl);
  if (!existsSync(file)) throw new Error(`There is no database ${file}. Name the directory of the server in FLEETGATE_DATA_DIR.`);
  checkVersion(versionOfSqlite(file), `The database ${file}`);
  return openDatabase({ file, log });
}

function checkVersion(version: number, what: string): void {
  const ours = MIGRATIONS.length;
  if (version !== ours) throw new Error(`${what} has schema version ${version}, and this Fleetgate has ${ours}. Run the command of the Fleetgate that serves, or start this one first.`);
}
