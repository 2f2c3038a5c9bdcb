import type { Metrics } from '../../ports/driven/metrics.ts';
import type { Database } from './database.ts';

/** The same database, with what it takes measured. A write takes as long as its caller waits. */
export function meteredDatabase(db: Database, metrics: Pick<Metrics, 'count' | 'took'>): Database {
  async function timed<T>(operation: 'read' | 'write', work: () => Promise<T>): Promise<T> {
    const since = performance.now();
    try {
      return await work(); // SQLite reads at once, before there is a promise
    } catch (error) {
      metrics.count('fleetgate_store_failures_total', { operation });
      throw error;
    } finally {
      metrics.took('fleetgate_store_seconds', { operation }, (performance.now() - since) / 1000);
    }
  }
  return { read: (query) => timed('read', () => db.read(query)), write: (unit) => timed('write', () => db.write(unit)), probe: () => db.probe(), close: () => db.close() };
}
