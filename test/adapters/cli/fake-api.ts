import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  /** `GET /path?query`. */
  readonly what: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Answer {
  readonly status?: number;
  /** An object is sent as JSON. */
  readonly body?: object | string;
}

/** A server on the loopback that answers as told and remembers what it was asked. */
export interface FakeApi {
  readonly url: string;
  readonly asked: Asked[];
  close(): Promise<void>;
}

export async function fakeApi(answers: (asked: Asked) => Answer | 'hang' | 'reset'): Promise<FakeApi> {
  const asked: Asked[] = [];
  const server = createServer(async (request, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const one = { what: `${request.method} ${request.url}`, headers: request.headers, body: Buffer.concat(chunks).toString() };
    asked.push(one);
    const answer = answers(one);
    if (answer === 'hang') return;
    if (answer === 'reset') return void request.socket.destroy();
    const { status = 200, body = '' } = answer;
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
