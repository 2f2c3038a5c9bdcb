import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import { TracerProvider, type ReadableSpan, type SpanProcessor } from '@opentelemetry/sdk-trace';
import { describe, expect, it } from '@jest/globals';
import { OtelTracer } from '../../../src/adapters/traces/otel-tracer.ts';
import { SpanQueue } from '../../../src/adapters/traces/span-queue.ts';
import { tracedAudit } from '../../../src/adapters/traces/traced-audit.ts';
import { traced } from '../../../src/adapters/traces/traced.ts';
import { NO_TRACES, type Journey, type TraceFacts } from '../../../src/ports/driven/tracer.ts';

function aTracer() {
  const spans: ReadableSpan[] = [];
  const keep: SpanProcessor = { onStart: () => undefined, onEnd: (span) => void spans.push(span), forceFlush: async () => undefined, shutdown: async () => undefined };
  const tracer = new OtelTracer({ spans: new TracerProvider({ spanProcessors: [keep] }).getTracer('test') });
  const seen = () => spans.map(({ name, parentSpanContext, status, attributes }) => ({ name, isBelow: parentSpanContext !== undefined, isBroken: status.code === 2, ...attributes }));
  return { tracer, spans, seen };
}
const CONNECT: Journey = { name: 'connect', facts: { connection: 'c-1' } };
const later = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('A tracer', () => {
  it('finds the journey of a step and of a fact, across awaits and beside others', async () => {
    const { tracer, spans, seen } = aTracer();
    await Promise.all(['press-1', 'press-2'].map((device) =>
      tracer.journey({ ...CONNECT, facts: { connection: `of ${device}` } }, async () => {
        await later();
        await tracer.step(`step of ${device}`, later);
        tracer.tell({ device, refusal: undefined });
      })));
    for (const device of ['press-1', 'press-2']) {
      const top = spans.find(({ attributes }) => attributes['fleetgate.device'] === device)!;
      expect(top.attributes).toEqual({ 'fleetgate.connection': `of ${device}`, 'fleetgate.device': device });
      expect(spans.find(({ name }) => name === `step of ${device}`)!.parentSpanContext!.spanId).toBe(top.spanContext().spanId);
    }
    expect(seen()).toHaveLength(4);
  });

  it('hands on what the work comes to, the very promise and the very error, and marks what broke without its words', async () => {
    const { tracer, seen } = aTracer();
    const broken = new Error('secret');
    const promise = Promise.resolve(7);
    await expect(tracer.journey(CONNECT, async () => {
      expect(tracer.step('sound', () => promise)).toBe(promise);
      expect(() => tracer.step('breaks', () => { throw broken; })).toThrow(broken);
      await expect(tracer.step('breaks later', () => Promise.reject(broken))).rejects.toBe(broken);
      throw broken;
    })).rejects.toBe(broken);
    expect(seen()).toEqual([
      { name: 'breaks', isBelow: true, isBroken: true },
      { name: 'sound', isBelow: true, isBroken: false },
      { name: 'breaks later', isBelow: true, isBroken: true },
      { name: 'connect', isBelow: false, isBroken: true, 'fleetgate.connection': 'c-1' },
    ]);
  });

  it('leaves out steps and facts outside of a journey, and after its end', async () => {
    const { tracer, seen } = aTracer();
    let after = Promise.resolve();
    expect(tracer.step('before', () => 1)).toBe(1);
    await tracer.journey(CONNECT, async () => {
      after = later().then(() => (tracer.tell({ device: 'late' }), tracer.step('late', () => undefined)));
    });
    await after;
    expect(seen()).toEqual([{ name: 'connect', isBelow: false, isBroken: false, 'fleetgate.connection': 'c-1' }]);
  });

  it('keeps the first 128 steps of a journey, and says how many more there were', async () => {
    const { tracer, spans, seen } = aTracer();
    await tracer.journey(CONNECT, async () => {
      for (let i = 0; i < 130; i += 1) tracer.step('path.verify-signature', () => undefined);
    });
    expect(spans).toHaveLength(129);
    expect(seen().at(-1)).toEqual(expect.objectContaining({ 'fleetgate.steps_left_out': 2 }));
  });

  it('has what was before it, from the time when that began', async () => {
    const { tracer, spans } = aTracer();
    const since = performance.now() - 50;
    await tracer.journey({ ...CONNECT, since, before: [{ name: 'tls.handshake', from: since, to: since + 30 }] }, later);
    const [handshake, connect] = spans.map(({ name, duration, startTime }) => ({ name, startTime, ms: duration[0] * 1e3 + duration[1] / 1e6 }));
    expect([handshake!.name, handshake!.startTime, Math.round(handshake!.ms)]).toEqual(['tls.handshake', connect!.startTime, 30]);
    expect(connect!.ms).toBeGreaterThanOrEqual(50);
  });

  it.each(['4bf92f3577b34da6a3ce929d0e0e4736', 7, undefined, ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01']])('begins a trace of its own where the parent is %j', async (parent) => {
    const { tracer, seen } = aTracer();
    await tracer.journey({ ...CONNECT, parent }, later);
    expect(seen()).toEqual([expect.objectContaining({ name: 'connect', isBelow: false })]);
  });

  it('that is none does the work and nothing else', async () => {
    expect(await NO_TRACES.journey(CONNECT, async () => NO_TRACES.step('any', () => 3))).toBe(3);
    expect(NO_TRACES.tell({ device: 'press-7' })).toBeUndefined();
  });
});

describe('A queue of spans', () => {
  function aQueue(most: number) {
    const counted: Record<string, number> = {};
    const waiting: { readonly spans: readonly ReadableSpan[]; readonly done: (result: ExportResult) => void }[] = [];
    const logged: string[] = [];
    const tell = (_facts: object, sentence: string): void => void logged.push(sentence.split(' ').slice(0, 2).join(' '));
    const queue = new SpanQueue({
      ...{ most, delayMs: 1, giveUpMs: 10_000, log: { info: tell, warn: tell, error: tell } },
      metrics: { count: (_name: string, { outcome }: { outcome: string }, by = 1) => void (counted[outcome] = (counted[outcome] ?? 0) + by) } as never,
      exporter: { export: (spans, done) => void waiting.push({ spans, done }), shutdown: async () => undefined },
    });
    const spans = new TracerProvider({ spanProcessors: [queue] }).getTracer('test');
    const put = (count: number): void => Array.from({ length: count }, () => spans.startSpan('a')).forEach((span) => span.end());
    return { queue, put, counted, waiting, logged };
  }
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await later();
  };

  it('takes no more than its bound, those under way to the collector too, and counts what it drops', async () => {
    const { queue, put, counted, waiting } = aQueue(10);
    put(8);
    await until(() => waiting.length === 1);
    put(5);
    expect([queue.waiting, counted]).toEqual([10, { dropped: 3 }]);
    waiting[0]!.done({ code: ExportResultCode.SUCCESS });
    expect([queue.waiting, counted]).toEqual([2, { dropped: 3, sent: 8 }]);
    put(5);
    expect(counted).toEqual({ dropped: 3, sent: 8 });
    await until(() => waiting.length === 2);
    waiting[1]!.done({ code: ExportResultCode.SUCCESS });
  });

  it('counts what the collector did not take, and tells the beginning and the end of that once', async () => {
    const { put, counted, waiting, logged } = aQueue(10);
    for (const [number, code] of [ExportResultCode.FAILED, ExportResultCode.FAILED, ExportResultCode.SUCCESS, ExportResultCode.SUCCESS].entries()) {
      put(2);
      await until(() => waiting.length === number + 1);
      waiting[number]!.done({ code });
    }
    expect([counted, logged]).toEqual([{ failed: 4, sent: 4 }, ['The collector', 'The collector']]);
  });
});

it('A traced port is the same port, private fields and all, with the named methods as steps', () => {
  class Shelf {
    readonly #books = ['a'];
    add(book: string): number {
      return this.#books.push(book);
    }
    count(): number {
      return this.#books.length;
    }
    get first(): string | undefined {
      return this.#books[0];
    }
  }
  const steps: string[] = [];
  const shelf = traced(new Shelf(), { add: 'shelf.add' }, { step: (name, work) => (steps.push(name), work()) });
  expect([shelf.add('b'), shelf.add('c'), shelf.count(), shelf.first, shelf.add === shelf.add]).toEqual([2, 3, 3, 'a', true]);
  expect(steps).toEqual(['shelf.add', 'shelf.add']);
});

it('A traced audit log tells the journey what came of devices and tokens, and passes everything on', () => {
  const [told, lines]: [TraceFacts[], unknown[]] = [[], []];
  const audit = tracedAudit({ record: (event) => void lines.push(event) }, { tell: (facts) => void told.push(facts) });
  const whose = { tenant: 'main', device: 'press-7' } as const;
  const refusal = { code: 'chain.absent' } as const;
  audit.record({ what: 'device.admitted', ...whose, registered: true, from: '192.0.2.1' });
  audit.record({ what: 'device.refused', refusal, from: '192.0.2.1', clientId: 'x' });
  audit.record({ what: 'device.would-be-refused', refusal, ...whose, from: '192.0.2.1', clientId: 'x' });
  audit.record({ what: 'token.issued', ...whose });
  audit.record({ what: 'token.refused', ...whose, reason: 'token.too-often' });
  audit.record({ what: 'user.added', tenant: 'main', by: 'admin', subject: 'eve' });
  expect(told).toEqual([
    { ...whose, outcome: 'admitted' },
    { outcome: 'refused', refusal: 'chain.absent' },
    { wouldBeRefused: 'chain.absent' },
    { ...whose, outcome: 'issued' },
    { ...whose, outcome: 'refused', refusal: 'token.too-often' },
  ]);
  expect(lines).toHaveLength(6);
});
