import { parentPort, workerData } from 'node:worker_threads';
import { runBatch } from './run-batch.ts';
import { openForWriting } from './sqlite-file.ts';
import { StatementCache } from './statement-cache.ts';
import type { Order, Report } from './unit.ts';

/**
 * The one thread of this process that writes. Locks, disk syncs and busy timeouts block it and nothing else (D-13).
 * It imports only what plain Node can load, as it runs outside of any test runner's loader.
 */
const { file, busySliceMs } = workerData as { readonly file: string; readonly busySliceMs: number };
const db = openForWriting(file, busySliceMs);
const connection = { db, statements: new StatementCache({ db, capacity: 200 }) };

/** After a sync has failed, the kernel may call the next one a success without having the data (F06): nothing is believed any more. */
let brokenBy: string | undefined;

parentPort?.on('message', (order: Order) => {
  if (order.kind === 'close') {
    close();
    return;
  }
  const report = brokenBy === undefined ? runBatch(connection, order.units, order.until) : allFailed(order.units.length, brokenBy);
  for (const answer of report) if (answer.kind === 'failed' && answer.code.endsWith('FSYNC')) brokenBy = answer.sentence;
  parentPort?.postMessage(report);
});

const allFailed = (count: number, because: string): Report =>
  Array.from({ length: count }, () => ({
    kind: 'failed' as const,
    code: 'database-broken',
    sentence: `The disk failed to sync before (${because}), so that no write can be trusted. Check the disk, then restart Fleetgate.`,
  }));

function close(): void {
  try {
    db.pragma('wal_checkpoint(truncate)');
  } finally {
    db.close();
    parentPort?.close();
  }
}
