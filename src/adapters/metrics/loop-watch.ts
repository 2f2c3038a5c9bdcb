import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Log } from '../../ports/driven/log.ts';
import type { Metrics } from '../../ports/driven/metrics.ts';
import type { Service } from '../../ports/service.ts';

export interface LoopWatchNeeds {
  readonly metrics: Pick<Metrics, 'count' | 'watch'>;
  readonly log: Log;
  readonly alarmMs: number;
  /** How long an interval is; 10 s where absent. */
  readonly intervalMs?: number;
  /** The least time between two lines of the log; a minute where absent. */
  readonly quietMs?: number;
}

/** How often the loop is looked at. A timer that runs this often costs an idle process a tenth of a per cent of a core. */
const RESOLUTION_MS = 20;
const QUANTILES = ['0.5', '0.99', '1'] as const;

/** Watches how late the event loop is. Everybody waits while one piece of work holds it up, so that a long hold is told at once. */
export class LoopWatch implements Service {
  readonly name = 'loop watch';
  readonly #needs: LoopWatchNeeds;
  readonly #delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  /** Seconds by quantile, of the last whole interval. */
  #last: readonly number[] = QUANTILES.map(() => 0);
  #timer: NodeJS.Timeout | undefined;
  #toldAt = -Infinity;
  #untold = 0;

  constructor(needs: LoopWatchNeeds) {
    this.#needs = needs;
  }

  async start(): Promise<readonly string[]> {
    const { metrics, intervalMs = 10_000 } = this.#needs;
    metrics.watch('fleetgate_event_loop_delay_seconds', () => QUANTILES.map((quantile, i) => ({ labels: { quantile }, value: this.#last[i]! })));
    this.#delays.enable();
    this.#timer = setInterval(() => this.#look(), intervalMs).unref();
    return [];
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#delays.disable();
  }

  #look(): void {
    // The figures of Node hold the time that the timer was meant to wait.
    const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - RESOLUTION_MS / 1e3);
    this.#last = this.#delays.count === 0 ? QUANTILES.map(() => 0) : QUANTILES.map((quantile) => late(this.#delays.percentile(Number(quantile) * 100)));
    const worst = late(this.#delays.count === 0 ? 0 : this.#delays.max);
    this.#delays.reset();
    if (worst * 1000 > this.#needs.alarmMs) this.#alarm(worst);
  }

  #alarm(seconds: number): void {
    const { metrics, log, alarmMs, quietMs = 60_000 } = this.#needs;
    metrics.count('fleetgate_event_loop_stalls_total', {});
    const now = performance.now();
    if (now - this.#toldAt < quietMs) return void (this.#untold += 1);
    const ms = Math.round(seconds * 1000);
    log.warn({ ms, alarmMs, intervalsBefore: this.#untold }, `The event loop was held up for ${ms} ms: everybody waited so long. A slow disk under swap, too few cores, or one long piece of work does that.`);
    [this.#toldAt, this.#untold] = [now, 0];
  }
}
