import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Log } from '../../ports/driven/log.ts';
import type { Written } from './database.ts';
import { databaseFailure, wordsOf } from './database-failure.ts';
import { toSqlite, type Order, type Report, type SqliteUnit } from './sqlite-unit.ts';
import type { Unit, UnitAnswer } from './unit.ts';

export interface WriterOptions {
  readonly file: string;
  /** How long a unit may wait for another process's lock. */
  readonly lockWaitMs: number;
  /** Units that wait; one more is refused. */
  readonly queueLimit: number;
  /** Told how many seconds the thread took for a batch, its sync of the disk among them. */
  readonly whenCommitted?: (seconds: number) => void;
  readonly log: Log;
}

const BATCH_LIMIT = 500;
/** While one batch is being synced the next one is already there, so that a busy event loop does not leave the disk idle. */
const BATCHES_AHEAD = 2;
const BUSY_SLICE_MS = 5_000;

interface Waiting {
  readonly unit: SqliteUnit;
  readonly since: bigint;
  readonly resolve: (written: Written) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Hands units to the writer thread, as many at once as have gathered: one commit, and so one sync of the disk, for all of them. The
 * more there is to do, the less each costs.
 */
export class Writer {
  readonly #options: WriterOptions;
  readonly #worker: Worker;
  readonly #gone: Promise<unknown>;
  readonly #queue: Waiting[] = [];
  readonly #underWay: (readonly Waiting[])[] = [];
  /** Since when the thread has been at work on the first of them. */
  #busySince = 0;
  #sending = false;
  #outOfOrder: Error | undefined;
  /** The thread lives, and will write nothing any more (F06). */
  #broken: Error | undefined;
  #closing: Promise<void> | undefined;
  #whenIdle: (() => void) | undefined;
  #commits = 0;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#worker = new Worker(new URL('./writer-thread.ts', import.meta.url), {
      name: 'fleetgate-writer',
      workerData: { file: options.file, busySliceMs: Math.min(BUSY_SLICE_MS, options.lockWaitMs) },
    });
    this.#worker.on('message', (report: Report) => this.#settle(report));
    this.#worker.on('error', (error) => this.#breakDown(error));
    this.#worker.on('exit', () => this.#breakDown(new Error('it ended')));
    this.#gone = once(this.#worker, 'exit').catch(() => undefined);
  }

  /** Batches the thread has answered, each of them one commit or one failure. */
  get commits(): number {
    return this.#commits;
  }

  /** Rejects when nothing is written any more. */
  probe(): Promise<void> {
    const broken = this.#outOfOrder ?? this.#broken;
    return broken ? Promise.reject(broken) : Promise.resolve();
  }

  write(unit: Unit): Promise<Written> {
    if (this.#outOfOrder) return Promise.reject(this.#outOfOrder);
    if (this.#queue.length >= this.#options.queueLimit)
      return Promise.reject(databaseFailure('database-overloaded', `${this.#queue.length} writes wait for the disk already. Try again in a moment.`));
    return new Promise((resolve, reject) => {
      this.#queue.push({ unit: toSqlite(unit), since: process.hrtime.bigint(), resolve, reject });
      this.#sendSoon();
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#drain();
    return this.#closing;
  }

  async #drain(): Promise<void> {
    this.#outOfOrder ??= databaseFailure('database-closed', 'The database is closed: Fleetgate is shutting down.');
    while (this.#queue.length > 0 || this.#underWay.length > 0) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
    }
    this.#worker.postMessage({ kind: 'close' } satisfies Order);
    await this.#gone;
  }

  /** After this turn of the event loop, so that whatever it brings goes together. */
  #sendSoon(): void {
    if (this.#sending || this.#underWay.length >= BATCHES_AHEAD) return;
    this.#sending = true;
    setImmediate(() => {
      this.#sending = false;
      this.#send();
    });
  }

  #send(): void {
    const batch = this.#queue.splice(0, BATCH_LIMIT);
    const [oldest] = batch;
    if (!oldest) return;
    if (this.#underWay.length === 0) this.#busySince = performance.now();
    this.#underWay.push(batch);
    const until = oldest.since + BigInt(this.#options.lockWaitMs) * 1_000_000n;
    this.#worker.postMessage({ kind: 'batch', units: batch.map(({ unit }) => unit), until } satisfies Order);
    if (this.#queue.length > 0) this.#sendSoon();
  }

  #settle(report: Report): void {
    this.#commits += 1;
    const now = performance.now();
    this.#options.whenCommitted?.((now - this.#busySince) / 1000);
    this.#busySince = now;
    const batch = this.#underWay.shift() ?? [];
    for (const [i, waiting] of batch.entries()) answer(waiting, report[i]!);
    this.#broken ??= report.map(breakIn).find((broken) => broken !== undefined);
    if (this.#queue.length > 0) this.#sendSoon();
    if (this.#queue.length === 0 && this.#underWay.length === 0) this.#whenIdle?.();
  }

  /** The thread is gone: whatever it had may or may not be on the disk, and nothing more will be. */
  #breakDown(why: Error): void {
    if (!this.#outOfOrder)
      this.#options.log.error({ file: this.#options.file, why: wordsOf(why) }, 'The database writer has stopped. Nothing can be registered or changed: restart Fleetgate.');
    this.#outOfOrder ??= databaseFailure('database-broken', `The database writer has stopped (${wordsOf(why)}). Restart Fleetgate.`, why);
    const lost = databaseFailure('database-broken', `The database writer has stopped (${wordsOf(why)}) before it answered. Restart Fleetgate.`, why);
    for (const { reject } of [...this.#underWay.splice(0).flat(), ...this.#queue.splice(0)]) reject(lost);
    this.#whenIdle?.();
  }
}

const breakIn = (given: UnitAnswer): Error | undefined =>
  given.kind === 'failed' && (given.code === 'database-broken' || given.code.endsWith('FSYNC')) ? databaseFailure(given.code, given.sentence) : undefined;

function answer({ resolve, reject }: Waiting, given: UnitAnswer): void {
  if (given.kind === 'failed') reject(databaseFailure(given.code, given.sentence));
  else resolve(given);
}
