import { request, type Agent } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Sent {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
  /** Processor time of the whole process, for a busy machine must not pass for a slow answer. */
  readonly ms: number;
}

/** A body that is refused early may be cut off before the answer is read: of larger ones that is no news. */
const MAY_BE_CUT = 64 * 1024;

/** Sends over a real connection, as a program would; `target` in the place of the path, where it is given. Undefined: a large body was cut off. */
export async function send(
  agent: Agent,
  { url, method, headers, payload, target }: { readonly url: URL | string; readonly target?: string; readonly method: string; readonly headers: Readonly<Record<string, string>>; readonly payload?: string | Buffer | undefined },
): Promise<Sent | undefined> {
  const { hostname, port } = new URL(url);
  // Not by URL: that would tidy the path.
  const path = target ?? String(url).replace(/^http:\/\/[^/]+/, '');
  const bytes = payload === undefined ? undefined : Buffer.from(payload as string);
  const began = process.cpuUsage();
  const { promise, resolve, reject } = Promise.withResolvers<Sent | undefined>();
  const asking = request({ agent, hostname, port, path, method, headers: { ...headers, ...(bytes && { 'content-length': bytes.length }) } }, async (answer) => {
    try {
      resolve({ status: answer.statusCode!, headers: answer.headers, body: await text(answer), ms: millisecondsSince(began) });
    } catch (error) {
      reject(error as Error);
    }
  });
  asking.on('error', (error) => (bytes !== undefined && bytes.length > MAY_BE_CUT ? resolve(undefined) : reject(error)));
  asking.end(bytes);
  return promise;
}

function millisecondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
