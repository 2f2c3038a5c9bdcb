import { describe, expect, it } from '@jest/globals';
import { CountingMessageSink } from '../../../src/adapters/in-memory/counting-message-sink.ts';
import { InMemoryMetrics } from '../../../src/adapters/metrics/in-memory-metrics.ts';
import { LoopWatch } from '../../../src/adapters/metrics/loop-watch.ts';
import { isOpenSink } from '../../../src/adapters/message-sinks/open-sink.ts';
import { LogMessageSink } from '../../../src/adapters/message-sinks/log-message-sink.ts';
import { meteredListSource } from '../../../src/adapters/metrics/metered-list-source.ts';
import { meteredSink } from '../../../src/adapters/metrics/metered-sink.ts';
import { watchProcess } from '../../../src/adapters/metrics/process-figures.ts';
import { grant, refuse } from '../../../src/domain/shared/decision.ts';
import type { FigureName } from '../../../src/ports/figures/catalogue.ts';
import type { Sample, TimeSample } from '../../../src/ports/figures/figure.ts';
import { aMessage, messageSinkContract } from '../../contracts/message-sink.contract.ts';
import { itWith } from '../../support/clients.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const inHand = () => {
  const metrics = new InMemoryMetrics({ log: silent });
  const samples = async (name: FigureName) => (await metrics.all()).find((figure) => figure.name === name)!.samples;
  return {
    metrics,
    counts: async (name: FigureName) => Object.fromEntries(((await samples(name)) as Sample[]).map(({ labels, value }) => [Object.values(labels).join(' '), value])),
    times: async (name: FigureName) => ((await samples(name)) as TimeSample[]).map(({ counts }) => counts.reduce((all, each) => all + each, 0)),
  };
};

messageSinkContract('A metered sink', async () => ({ subject: meteredSink({ accept: async () => undefined }, inHand().metrics), close: async () => undefined }));

describe('A metered sink', () => {
  it('tells what became of messages, by tenant, and how long it took', async () => {
    const { metrics, counts, times } = inHand();
    const taken: unknown[] = [];
    const sink = meteredSink({ accept: async (message) => (message.topic === 's/no' ? Promise.reject(new Error('full')) : void taken.push(message)) }, metrics);
    await sink.accept(aMessage());
    await expect(sink.accept(aMessage({ topic: 's/no' }))).rejects.toThrow('full');
    const crowded = meteredSink({ accept: async () => 'full' }, metrics);
    expect(await crowded.accept(aMessage())).toBe('full');
    expect([await counts('fleetgate_messages_total'), await times('fleetgate_message_sink_seconds'), taken]).toEqual([{ 'main taken': 1, 'main failed': 1, 'main full': 1 }, [3], [aMessage()]]);
  });

  it('is still all that the sink is: who made it knows it again, reads its counts and closes it', async () => {
    const counting = new CountingMessageSink();
    const sink = meteredSink(counting, inHand().metrics);
    await sink.accept(aMessage());
    expect(sink).toBeInstanceOf(CountingMessageSink);
    expect([(sink as CountingMessageSink).total, (sink as CountingMessageSink).counts()]).toEqual([1, new Map([['s/us', 1]])]);
  });
});

it('A metered sink counts and closes as without the meter', async () => {
  const { metrics } = inHand();
  const lines: string[] = [];
  const sink = meteredSink(new LogMessageSink({ log: { ...silent, info: (_facts, sentence) => void lines.push(sentence) }, withPayload: false, linesPerSecond: 1 }), metrics);
  await Promise.all([sink.accept(aMessage()), sink.accept(aMessage())]);
  expect(isOpenSink(sink) && sink.figures().accepted).toBe(2);
  if (isOpenSink(sink)) await sink.close();
  expect(lines).toEqual(['A message of a device.', expect.stringContaining('have none of their own')]);
});

it('A metered source of lists tells what came of each fetch, and hands on what it got', async () => {
  const { metrics, counts } = inHand();
  const answers = [grant(Uint8Array.of(1)), refuse({ code: 'list.not-fetched' as const })];
  const source = meteredListSource({ fetch: async ({ url }) => answers[Number(url)]! }, metrics);
  expect([await source.fetch({ url: '0', allowed: [] }), await source.fetch({ url: '1', allowed: [] })]).toEqual(answers);
  expect(await counts('fleetgate_list_fetches_total')).toEqual({ fetched: 1, 'list.not-fetched': 1 });
});

it('The figures of the process are those of the operating system', async () => {
  const { metrics, counts } = inHand();
  watchProcess(metrics, { version: '1.2.3' });
  const value = async (name: FigureName) => (await counts(name))[''];
  expect(await counts('fleetgate_build_info')).toEqual({ [`1.2.3 ${process.versions.node}`]: 1 });
  expect(await value('process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
  expect(await value('process_heap_bytes')).toBeGreaterThan(1_000_000);
  expect(await value('process_cpu_seconds_total')).toBeGreaterThan(0.01);
  expect(Math.abs((await value('process_start_time_seconds'))! + process.uptime() - Date.now() / 1000)).toBeLessThan(2);
});

itWith('linux')('The open files of the process are those of the operating system', async () => {
  const { metrics, counts } = inHand();
  watchProcess(metrics, { version: '1.2.3' });
  const value = async (name: FigureName) => (await counts(name))[''];
  expect(await value('process_open_fds')).toBeGreaterThan(2);
  expect(await value('process_max_fds')).toBeGreaterThanOrEqual((await value('process_open_fds'))!);
});

describe('The watch over the event loop', () => {
  const hold = (ms: number): void => {
    const until = performance.now() + ms;
    while (performance.now() < until);
  };
  /** As many intervals as it takes until `holds`, each with the loop held up once where `ms` says so. */
  async function watched(needs: { readonly alarmMs: number; readonly quietMs: number }, ms: number, intervals: number) {
    const { metrics, counts } = inHand();
    const lines: { facts: object; sentence: string }[] = [];
    let seen = 0;
    let delays: Record<string, number> = {};
    // What is told in the interval of a stall; the next one is quiet.
    const look = (): void => void counts('fleetgate_event_loop_delay_seconds').then((told) => (delays = told));
    const counting = { count: (...what: Parameters<typeof metrics.count>) => ((seen += 1), look(), metrics.count(...what)), watch: metrics.watch.bind(metrics) } as typeof metrics;
    const watch = new LoopWatch({ ...needs, metrics: counting, intervalMs: 50, log: { ...silent, warn: (facts, sentence) => void lines.push({ facts, sentence }) } });
    expect(await watch.start()).toEqual([]);
    for (let i = 0; i < 100 && seen < intervals; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, 60));
      hold(ms);
    }
    await watch.stop();
    return { lines, delays, stalls: (await counts('fleetgate_event_loop_stalls_total'))[''] };
  }

  it('counts the intervals with a hold-up, tells it once in a while, and how late the loop was', async () => {
    const { lines, delays, stalls } = await watched({ alarmMs: 80, quietMs: 60_000 }, 150, 3);
    expect(stalls).toBeGreaterThanOrEqual(3);
    expect(lines.length).toBe(1);
    expect(lines[0]!.sentence).toMatch(/^The event loop was held up for \d+ ms: everybody waited so long\./);
    expect(lines[0]!.facts).toMatchObject({ alarmMs: 80, intervalsBefore: 0 });
    expect(delays['1']).toBeGreaterThan(0.08);
    expect(Object.keys(delays).sort()).toEqual(['0.5', '0.99', '1']);
  });

  it('tells again after the quiet time, with how many intervals went untold', async () => {
    const { lines, stalls } = await watched({ alarmMs: 80, quietMs: 0 }, 150, 3);
    expect(lines.length).toBe(stalls);
  });
});
