import { readFileSync } from 'node:fs';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AlwaysOnSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Log } from '../../ports/driven/log.ts';
import type { Metrics } from '../../ports/driven/metrics.ts';
import type { Tracer } from '../../ports/driven/tracer.ts';
import { OtelTracer } from './otel-tracer.ts';
import { SpanQueue } from './span-queue.ts';

export interface OtlpNeeds {
  /** Base of the collector, such as http://127.0.0.1:4318. */
  readonly endpoint: string;
  readonly metrics: Pick<Metrics, 'count'>;
  readonly log: Log;
}

export interface OpenTraces {
  readonly tracer: Tracer;
  /** Sends what waits, for `FLUSH_MS` at most. Never rejects. */
  close(): Promise<void>;
}

/** About 8 MB. Above it, spans are dropped and counted. */
const MOST_SPANS = 4_096;
const DELAY_MS = 1_000;
/** For one batch, with all its attempts. */
const EXPORT_MS = 5_000;
const FLUSH_MS = 2_000;

/** Sends journeys to a collector by OTLP over HTTP, in JSON. Nothing is sent before there is something to send. */
export function openOtlp({ endpoint, metrics, log }: OtlpNeeds): OpenTraces {
  const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, timeoutMillis: EXPORT_MS, concurrencyLimit: 8 });
  const queue = new SpanQueue({ exporter, metrics, log, most: MOST_SPANS, delayMs: DELAY_MS, giveUpMs: 2 * EXPORT_MS });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'fleetgate', 'service.version': versionOf() }),
    // A client's traceparent may name its trace, and not decide whether there is one.
    sampler: new AlwaysOnSampler(),
    spanProcessors: [queue],
    spanLimits: { attributeValueLengthLimit: 256 },
  });
  return {
    tracer: new OtelTracer({ spans: provider.getTracer('fleetgate') }),
    close: async () => {
      const late = new Promise((resolve) => setTimeout(resolve, FLUSH_MS).unref());
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
      if (queue.waiting > 0) log.warn({ spans: queue.waiting }, `The collector did not take the last traces within ${FLUSH_MS} ms; they are lost.`);
    },
  };
}

const versionOf = (): string =>
  (JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { readonly version: string }).version;
