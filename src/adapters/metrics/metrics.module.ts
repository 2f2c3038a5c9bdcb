import { readFileSync } from 'node:fs';
import { ContainerModule } from 'inversify';
import { LocalFigures } from '../../ports/driven/figures.ts';
import { Log } from '../../ports/driven/log.ts';
import { Metrics } from '../../ports/driven/metrics.ts';
import { LoopWatch as LoopWatchPort } from '../../ports/service.ts';
import { provide } from '../composition/provide.ts';
import { Settings } from '../config/settings.ts';
import { InMemoryMetrics } from './in-memory-metrics.ts';
import { LoopWatch } from './loop-watch.ts';
import { watchProcess } from './process-figures.ts';

/** Counts what happens, in memory: whoever wants a history lets Prometheus read it. */
export const metricsModule = new ContainerModule((options) => {
  provide(options, Metrics, { log: Log }, ({ log }) => {
    const metrics = new InMemoryMetrics({ log });
    watchProcess(metrics, { version: versionOf() });
    return metrics;
  });
  provide(options, LocalFigures, { metrics: Metrics }, ({ metrics }) => metrics as InMemoryMetrics);
  provide(options, LoopWatchPort, { metrics: Metrics, log: Log, settings: Settings }, ({ settings, ...needs }) => new LoopWatch({ ...needs, alarmMs: settings.loopAlarmMs }));
});

const versionOf = (): string =>
  (JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { readonly version: string }).version;
