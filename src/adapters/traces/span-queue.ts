import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import { BatchSpanProcessor, type ReadableSpan, type SpanExporter, type SpanProcessor } from '@opentelemetry/sdk-trace';
import type { Log } from '../../ports/driven/log.ts';
import type { Metrics } from '../../ports/driven/metrics.ts';

export interface SpanQueueNeeds {
  readonly exporter: SpanExporter;
  readonly metrics: Pick<Metrics, 'count'>;
  readonly log: Log;
  /** Spans in memory at one time, those under way to the collector too. */
  readonly most: number;
  /** Longest wait of a span for others to go with, in ms. */
  readonly delayMs: number;
  /** After which a batch is given up, in ms; the exporter must give up before. */
  readonly giveUpMs: number;
}

/** The library's batches, with a bound that counts what is under way too, and a figure for what became of each span. */
export class SpanQueue implements SpanProcessor {
  readonly #needs: SpanQueueNeeds;
  readonly #batches: BatchSpanProcessor;
  #waiting = 0;
  #isFailing = false;

  constructor(needs: SpanQueueNeeds) {
    this.#needs = needs;
    const { exporter, most, delayMs, giveUpMs } = needs;
    this.#batches = new BatchSpanProcessor({
      exporter: {
        export: (spans, done) => this.#export(spans, done),
        shutdown: () => exporter.shutdown(),
        forceFlush: async () => exporter.forceFlush?.(),
      },
      maxQueueSize: most,
      scheduledDelayMillis: delayMs,
      exportTimeoutMillis: giveUpMs,
    });
  }

  /** Spans that have not been taken by the collector, and are not given up yet. */
  get waiting(): number {
    return this.#waiting;
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    if (this.#waiting >= this.#needs.most) return this.#needs.metrics.count('fleetgate_spans_total', { outcome: 'dropped' });
    this.#waiting += 1;
    this.#batches.onEnd(span);
  }

  forceFlush(): Promise<void> {
    return this.#batches.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#batches.shutdown();
  }

  #export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.#needs.exporter.export(spans, (result) => {
      this.#waiting -= spans.length;
      const isTaken = result.code === ExportResultCode.SUCCESS;
      this.#needs.metrics.count('fleetgate_spans_total', { outcome: isTaken ? 'sent' : 'failed' }, spans.length);
      this.#tell(isTaken, result.error);
      done(result);
    });
  }

  /** One line when it begins to fail, and one when it is over: the figures say how much. */
  #tell(isTaken: boolean, error: Error | undefined): void {
    if (isTaken !== this.#isFailing) return;
    this.#isFailing = !isTaken;
    if (isTaken) this.#needs.log.info({}, 'The collector takes traces again.');
    else this.#needs.log.warn({ error: String(error) }, 'The collector of FLEETGATE_OTLP_ENDPOINT does not take traces; they are lost until it does. Devices are served as ever.');
  }
}
