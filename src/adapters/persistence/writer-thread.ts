import { parentPort, workerData } from 'node:worker_threads';
import { batchRunner } from './run-batch.ts';
import { openForWriting } from './sqlite-file.ts';
import { StatementCache } from './statement-cache.ts';
import type { Order } from './sqlite-unit.ts';

/**
 * The one thread of this process that writes. Locks, disk syncs and busy timeouts block it and nothing else (D-13).
 * It imports only what plain Node can load, as it runs outside of any test runner's loader.
 */
const { file, busySliceMs } = workerData as { readonly file: string; readonly busySliceMs: number };
const db = openForWriting(file, busySliceMs);
const run = batchRunner({ db, statements: new StatementCache({ db, capacity: 200 }) });

parentPort?.on('message', (order: Order) => {
  if (order.kind === 'close') close();
  else parentPort?.postMessage(run(order.units, order.until));
});

function close(): void {
  try {
    db.pragma('wal_checkpoint(truncate)');
  } finally {
    db.close();
    parentPort?.close();
  }
}
