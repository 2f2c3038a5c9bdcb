import { readdir, readFile } from 'node:fs/promises';
import type { Metrics, Reading } from '../../ports/driven/metrics.ts';
import type { GaugeName } from '../../ports/figures/catalogue.ts';

/** What the operating system and Node say of this process. File descriptors are known on Linux only. */
export function watchProcess(metrics: Metrics, { version }: { readonly version: string }): void {
  const startedAt = Date.now() / 1000 - process.uptime();
  metrics.watch('fleetgate_build_info', () => [{ labels: { version, node: process.versions.node }, value: 1 }]);
  metrics.watch('process_resident_memory_bytes', () => value(process.memoryUsage.rss()));
  metrics.watch('process_heap_bytes', () => value(process.memoryUsage().heapUsed));
  metrics.watch('process_cpu_seconds_total', () => {
    const { user, system } = process.cpuUsage();
    return value((user + system) / 1e6);
  });
  metrics.watch('process_start_time_seconds', () => value(startedAt));
  metrics.watch('process_open_fds', () => onLinux(async () => (await readdir('/proc/self/fd')).length - 1)); // the one that lists them
  metrics.watch('process_max_fds', () => onLinux(mostDescriptors));
}

const value = (it: number): Reading<GaugeName> & readonly { labels: Record<never, string>; value: number }[] => [{ labels: {}, value: it }];

async function onLinux(read: () => Promise<number>): Promise<ReturnType<typeof value>> {
  if (process.platform !== 'linux') return [];
  const found = await read();
  return Number.isFinite(found) ? value(found) : [];
}

async function mostDescriptors(): Promise<number> {
  return Number(/^Max open files\s+(\d+)/m.exec(await readFile('/proc/self/limits', 'utf8'))?.[1] ?? NaN);
}
