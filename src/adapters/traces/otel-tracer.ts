import { AsyncLocalStorage } from 'node:async_hooks';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Attributes, type Context, type Span, type Tracer as OtelApi } from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';
import type { Journey, TraceFacts, Tracer } from '../../ports/driven/tracer.ts';

/** A journey under way. */
interface Way {
  readonly span: Span;
  readonly context: Context;
  /** Unix time in ms of `performance.now()` 0, taken once a journey: a clock that is set meanwhile bends no span. */
  readonly origin: number;
  steps: number;
  isOver: boolean;
}

/** More than any honest chain makes; one that is made to be dear must not fill the queue. */
const MOST_STEPS = 128;

const NAMES: Readonly<Record<keyof TraceFacts, string>> = {
  tenant: 'fleetgate.tenant',
  device: 'fleetgate.device',
  connection: 'fleetgate.connection',
  outcome: 'fleetgate.outcome',
  refusal: 'fleetgate.refusal',
  wouldBeRefused: 'fleetgate.would_be_refused',
};

/** Journeys as traces of OpenTelemetry: one span for each, and under it one for each step. */
export class OtelTracer implements Tracer {
  readonly #spans: OtelApi;
  readonly #ways = new AsyncLocalStorage<Way>();

  constructor({ spans }: { readonly spans: OtelApi }) {
    this.#spans = spans;
  }

  async journey<T>(about: Journey, work: () => Promise<T>): Promise<T> {
    const way = this.#begin(about);
    let isBroken = true;
    try {
      const result = await this.#ways.run(way, work);
      isBroken = false;
      return result;
    } finally {
      way.isOver = true;
      if (way.steps > MOST_STEPS) way.span.setAttribute('fleetgate.steps_left_out', way.steps - MOST_STEPS);
      end(way.span, now(way), isBroken);
    }
  }

  step<T>(name: string, work: () => T): T {
    const way = this.#ways.getStore();
    if (way === undefined || way.isOver) return work();
    way.steps += 1;
    if (way.steps > MOST_STEPS) return work();
    const span = this.#spans.startSpan(name, { startTime: now(way) }, way.context);
    let result: T;
    try {
      result = work();
    } catch (error) {
      end(span, now(way), true);
      throw error;
    }
    if (!(result instanceof Promise)) end(span, now(way), false);
    // Beside the caller, who gets the very promise: it waits no longer, and a rejection is its own matter.
    else void result.then(() => end(span, now(way), false), () => end(span, now(way), true));
    return result;
  }

  tell(facts: TraceFacts): void {
    const way = this.#ways.getStore();
    if (way !== undefined && !way.isOver) way.span.setAttributes(attributesOf(facts));
  }

  #begin({ name, since, before = [], facts, parent }: Journey): Way {
    const origin = Date.now() - performance.now();
    const startTime = origin + (since ?? performance.now());
    const span = this.#spans.startSpan(name, { kind: SpanKind.SERVER, startTime, attributes: attributesOf(facts) }, contextOf(parent));
    const context = trace.setSpan(ROOT_CONTEXT, span);
    for (const { name: step, from, to } of before) this.#spans.startSpan(step, { startTime: origin + from }, context).end(origin + to);
    return { span, context, origin, steps: 0, isOver: false };
  }
}

const now = ({ origin }: Way): number => origin + performance.now();

function end(span: Span, at: number, isBroken: boolean): void {
  // No text of the error: it may name what a trace must not.
  if (isBroken) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(at);
}

const attributesOf = (facts: TraceFacts): Attributes =>
  Object.fromEntries(Object.entries(facts).flatMap(([fact, value]) => (value === undefined ? [] : [[NAMES[fact as keyof TraceFacts], value as string]])));

/** What is not well-formed is as good as absent (W3C Trace Context §4.3). */
function contextOf(parent: unknown): Context {
  const remote = typeof parent === 'string' && parent.length <= 512 ? parseTraceParent(parent) : null;
  return remote ? trace.setSpanContext(ROOT_CONTEXT, { ...remote, isRemote: true }) : ROOT_CONTEXT;
}
