import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ReadAudit } from '../../domain/usecases/read-audit.ts';
import type { ChainReport } from '../../domain/audit/check-chain.ts';
import { databaseFailure } from '../persistence/database-failure.ts';
import { KyselyAuditTrail } from '../persistence/kysely-audit-trail.ts';
import { Reader } from '../persistence/reader.ts';

/** Goes along every chain in the database of a data directory. It only reads, and a server may be running on it. */
export async function verifyOffline(dataDir: string): Promise<readonly ChainReport[]> {
  const file = resolve(join(dataDir, 'fleetgate.sqlite'));
  if (!existsSync(file)) throw new Error(`There is no database ${file}. Name the folder that FLEETGATE_DATA_DIR names.`);
  const reader = new Reader({ file });
  const nothing = async (): Promise<never> => Promise.reject(databaseFailure('database-closed', 'Nothing is written here.'));
  try {
    const trail = new KyselyAuditTrail({ db: { read: (query) => reader.all(query), write: nothing, probe: nothing, close: async () => undefined } });
    return await new ReadAudit({ trail }).verify();
  } catch (error) {
    throw new Error(`The audit in ${file} cannot be read (${(error as Error).message}). Is it the database of a Fleetgate that keeps one?`, { cause: error });
  } finally {
    reader.close();
  }
}
