import { resolve } from 'node:path';
import { parseSettings, problemsText } from '../../config/parse-settings.ts';
import type { Settings } from '../../config/settings.ts';
import { sqliteFileOf } from '../../persistence/sqlite-file.ts';
import type { CliNeeds } from '../../cli/cli-needs.ts';

export interface DataInQuestion {
  readonly settings: Settings;
  readonly dataDir: string;
  /** Of SQLite. */
  readonly file: string;
}

/** The data directory and the database of these settings, or of the directory that was named instead. @throws sentences */
export function dataInQuestion({ env }: Pick<CliNeeds, 'env'>, named?: string): DataInQuestion {
  const parsed = parseSettings(named === undefined ? env : { ...env, FLEETGATE_DATA_DIR: named, FLEETGATE_DATABASE_URL: undefined });
  if (!parsed.granted) throw new Error(problemsText(parsed.refusal));
  const { settings } = parsed.value;
  if (settings.databaseUrl === 'memory:') throw new Error('FLEETGATE_DATABASE_URL is memory: there is nothing on disk to look after.');
  if (!settings.databaseUrl.startsWith('sqlite:')) throw new Error('The data are in PostgreSQL: back them up with pg_dump, and restore them with pg_restore.');
  return { settings, dataDir: resolve(settings.dataDir), file: sqliteFileOf(settings.databaseUrl) };
}
