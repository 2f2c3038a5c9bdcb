import { sql } from 'kysely';
import type { Database } from './database.ts';
import { compiled } from './query.ts';

/** How often SQLite is asked whether anybody has committed. The question costs 3 µs. */
const EVERY_MS = 200;

/**
 * SQLite tells nobody of a commit, but a connection can ask whether another one, of whatever process, has committed since:
 * sqlite.org/pragma.html#pragma_data_version. Our own writes are another connection's too, the writer thread's.
 */
export const wakeByDataVersion =
  (db: Pick<Database, 'read'>, everyMs = EVERY_MS) =>
  (look: () => void): (() => void) => {
    let known: number | undefined;
    const ask = async (): Promise<void> => {
      const [row] = await db.read(DATA_VERSION);
      if (row?.data_version === known) return;
      known = row?.data_version;
      look();
    };
    // A database that is out of order says so to those who look.
    const timer = setInterval(() => void ask().catch(look), everyMs).unref();
    return () => clearInterval(timer);
  };

const DATA_VERSION = compiled(sql<{ readonly data_version: number }>`pragma data_version`);
