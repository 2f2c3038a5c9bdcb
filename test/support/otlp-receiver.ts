/** A collector of traces: an HTTP server that reads OTLP in JSON, and answers as a test wants. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface ReceivedSpan {
  readonly name: string;
  readonly trace: string;
  readonly id: string;
  /** Id of the span above it; undefined at the top. */
  readonly parent: string | undefined;
  /** In ms of Unix time. */
  readonly from: number;
  readonly to: number;
  readonly isBroken: boolean;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface OtlpReceiver {
  readonly url: string;
  /** Every span so far, and the bodies as they came. */
  readonly spans: readonly ReceivedSpan[];
  readonly bodies: readonly string[];
  /** Attributes of the process that sent the last ones. */
  resource: Readonly<Record<string, unknown>>;
  /** What the next requests are answered; 200 as it comes. */
  answer: number | 'silence';
  /** How many requests have come. */
  requests: number;
  /** The spans of the first trace, past or to come, whose top has this name and these attributes; the top first. */
  traceOf(name: string, attributes?: Readonly<Record<string, unknown>>): Promise<readonly [ReceivedSpan, ...ReceivedSpan[]]>;
  /** Resolves when so many requests have come. */
  asked(count: number): Promise<void>;
  close(): Promise<void>;
}

interface Wire {
  readonly resourceSpans: readonly { readonly resource: { readonly attributes: WireAttributes }; readonly scopeSpans: readonly { readonly spans: readonly WireSpan[] }[] }[];
}
type WireAttributes = readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
interface WireSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status?: { readonly code?: number };
  readonly attributes: WireAttributes;
}

export async function anOtlpReceiver(): Promise<OtlpReceiver> {
  const [spans, bodies]: [ReceivedSpan[], string[]] = [[], []];
  let looking: (() => void)[] = [];
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise<void>((resolve) => looking.push(resolve));
  };
  const receive = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const body = (await buffer(incoming)).toString();
    const isTraces = incoming.method === 'POST' && incoming.url === '/v1/traces' && incoming.headers['content-type'] === 'application/json';
    receiver.requests += 1;
    bodies.push(body);
    if (receiver.answer === 200 && isTraces) for (const { resource, scopeSpans } of (JSON.parse(body) as Wire).resourceSpans) {
      receiver.resource = valuesOf(resource.attributes);
      spans.push(...scopeSpans.flatMap((scope) => scope.spans.map(spanOf)));
    }
    if (receiver.answer !== 'silence') outgoing.writeHead(isTraces ? receiver.answer : 404, { 'content-type': 'application/json' }).end('{}');
    for (const look of looking.splice(0)) look();
  };
  const server = createServer((incoming, outgoing) => void receive(incoming, outgoing).catch(() => incoming.destroy())).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const receiver: OtlpReceiver = {
    ...{ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans, bodies, resource: {}, answer: 200, requests: 0 },
    traceOf: async (name, attributes = {}) => {
      const top = (): ReceivedSpan | undefined =>
        spans.find((span) => span.name === name && Object.entries(attributes).every(([key, value]) => span.attributes[key] === value));
      await until(() => top() !== undefined);
      const first = top()!;
      return [first, ...spans.filter((span) => span.trace === first.trace && span !== first)];
    },
    asked: (count) => until(() => receiver.requests >= count),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      looking = [];
    },
  };
  return receiver;
}

const spanOf = ({ name, traceId, spanId, parentSpanId, startTimeUnixNano, endTimeUnixNano, status, attributes }: WireSpan): ReceivedSpan => ({
  ...{ name, trace: traceId, id: spanId, parent: parentSpanId === '' ? undefined : parentSpanId },
  ...{ from: Number(startTimeUnixNano) / 1e6, to: Number(endTimeUnixNano) / 1e6 },
  isBroken: status?.code === 2,
  attributes: valuesOf(attributes),
});

const valuesOf = (attributes: WireAttributes): Record<string, unknown> => Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
