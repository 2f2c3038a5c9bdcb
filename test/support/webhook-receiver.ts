/** A real HTTP receiver of webhooks, which checks every signature, and answers as a test wants. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { HandedOn } from '../contracts/message-sink.contract.ts';

export const WEBHOOK_KEY = Buffer.alloc(32, 7);
export const WEBHOOK_SECRET = `whsec_${WEBHOOK_KEY.toString('base64')}`;

/** A CloudEvent as it is on the wire. */
export interface Event {
  readonly [member: string]: unknown;
  readonly id: string;
  readonly tenant: string;
  readonly device: string;
  readonly subject: string;
  readonly data_base64: string;
}

export interface Request {
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  readonly events: readonly Event[];
  readonly isSigned: boolean;
}

export interface WebhookReceiver {
  readonly url: string;
  /** Every request so far, and the events of those that were taken, in their order. */
  readonly requests: readonly Request[];
  readonly taken: readonly Event[];
  /** What the next requests are answered: a status with headers, or nothing at all. 204 where absent. */
  answer: (request: Request, number: number) => number | readonly [number, Record<string, string>] | 'silence';
  /** Resolves when so many events were taken. */
  took(count: number): Promise<readonly Event[]>;
  /** Resolves when so many requests have come. */
  asked(count: number): Promise<void>;
  close(): Promise<void>;
}

export async function aWebhookReceiver(port = 0): Promise<WebhookReceiver> {
  const [requests, taken]: [Request[], Event[]] = [[], []];
  let look: (() => void)[] = [];
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise<void>((resolve) => look.push(resolve));
  };
  const receive = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const body = await buffer(incoming);
    const request = { headers: incoming.headers, body, events: JSON.parse(body.toString()) as Event[], isSigned: isSigned(incoming, body) };
    requests.push(request);
    const answer = receiver.answer(request, requests.length);
    const [status, headers] = Array.isArray(answer) ? (answer as [number, Record<string, string>]) : [answer as number, {}];
    if (answer !== 'silence') outgoing.writeHead(status, headers).end();
    if (answer !== 'silence' && status >= 200 && status < 300) taken.push(...request.events);
    for (const one of look.splice(0)) one();
  };
  const server = createServer((incoming, outgoing) => void receive(incoming, outgoing).catch(() => incoming.destroy())).listen(port, '127.0.0.1');
  await once(server, 'listening');
  const receiver: WebhookReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`,
    requests,
    taken,
    answer: () => 204,
    took: async (count) => {
      await until(() => taken.length >= count);
      return taken;
    },
    asked: (count) => until(() => requests.length >= count),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      look = [];
    },
  };
  return receiver;
}

function isSigned({ headers }: IncomingMessage, body: Buffer): boolean {
  const wanted = createHmac('sha256', WEBHOOK_KEY).update(`${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.`).update(body).digest();
  const given = Buffer.from(String(headers['webhook-signature']).replace(/^v1,/, ''), 'base64');
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

export const handedOnOf = ({ tenant, device, subject, type, data_base64 }: Event): HandedOn =>
  ({ tenant, device, topic: subject, payload: data_base64, isWill: type === 'fleetgate.device.will' }) as HandedOn;
