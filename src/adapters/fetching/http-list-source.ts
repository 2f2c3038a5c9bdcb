import { request as overHttp, type IncomingMessage } from 'node:http';
import { request as overHttps } from 'node:https';
import { isIP } from 'node:net';
import { grant, refuse, type Decision } from '../../domain/shared/decision.ts';
import type { RefusalOf } from '../../domain/shared/refusal-of.ts';
import type { ListQuestion, ListSource } from '../../ports/driven/list-source.ts';
import type { Pause } from '../../ports/driven/pause.ts';
import { isPublic, publicLookup } from './address-rules.ts';
import { NotFetched, redirectTarget } from './redirect-target.ts';

export interface HttpListSourceNeeds {
  readonly pause: Pause;
  /** For all of it: names, redirects, body. */
  readonly timeoutMs?: number;
  readonly mostBytes?: number;
}

const MOST_REDIRECTS = 3;
const LARGEST_HEADERS = 16 * 1024;
const REDIRECTS: readonly (number | undefined)[] = [301, 302, 303, 307, 308];

export class HttpListSource implements ListSource {
  readonly #pause: Pause;
  readonly #timeoutMs: number;
  readonly #mostBytes: number;

  constructor({ pause, timeoutMs = 60_000, mostBytes = 90 * 1024 * 1024 }: HttpListSourceNeeds) {
    this.#pause = pause;
    this.#timeoutMs = timeoutMs;
    this.#mostBytes = mostBytes;
  }

  async fetch({ url, allowed, signal }: ListQuestion): Promise<Decision<Uint8Array, RefusalOf<'list.not-fetched'>>> {
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    const ending = signal ? AbortSignal.any([signal, timeout]) : timeout;
    try {
      return grant(await this.#follow(new URL(url), new Set(allowed.map((it) => new URL(it).host)), ending));
    } catch (error) {
      const problem = timeout.aborted ? `it took longer than ${this.#timeoutMs} ms` : problemOf(error as NodeJS.ErrnoException);
      return refuse({ code: 'list.not-fetched', evidence: { url, problem } });
    }
  }

  async #follow(first: URL, allowed: ReadonlySet<string>, signal: AbortSignal): Promise<Uint8Array> {
    let url = first;
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      const response = await answerFrom(url, allowed.has(url.host), signal);
      if (!REDIRECTS.includes(response.statusCode)) return this.#bodyOf(response);
      response.destroy();
      url = redirectTarget(url, response.headers.location);
    }
    throw new NotFetched(`it was redirected more than ${MOST_REDIRECTS} times`);
  }

  async #bodyOf(response: IncomingMessage): Promise<Uint8Array> {
    const { statusCode, headers } = response;
    try {
      if (statusCode !== 200) throw new NotFetched(`the server answered with status ${statusCode}`);
      if (headers['content-encoding'] !== undefined) throw new NotFetched('the server compressed the list, though it was not asked to');
      const tooLarge = new NotFetched(`it has more than ${this.#mostBytes} bytes`);
      if (Number(headers['content-length']) > this.#mostBytes) throw tooLarge;
      const chunks: Buffer[] = [];
      let length = 0;
      for await (const chunk of response as AsyncIterable<Buffer>) {
        length += chunk.length;
        if (length > this.#mostBytes) throw tooLarge;
        chunks.push(chunk);
      }
      return await this.#joined(chunks, length);
    } finally {
      response.destroy();
    }
  }

  async #joined(chunks: readonly Buffer[], length: number): Promise<Uint8Array> {
    const whole = Buffer.allocUnsafe(length);
    let at = 0;
    for (const chunk of chunks) {
      at += chunk.copy(whole, at);
      if (at % COPIED_AT_ONCE < chunk.length) await this.#pause();
    }
    return whole;
  }
}

const COPIED_AT_ONCE = 2 * 1024 * 1024;

/** An address is looked at before it is spoken to; a name when it is resolved. `isAllowed`: the operator named this host. */
function answerFrom(url: URL, isAllowed: boolean, signal: AbortSignal): Promise<IncomingMessage> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!isAllowed && isIP(host) !== 0 && !isPublic(host)) throw new NotFetched(`it was redirected to ${host}, which is no public address`);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const options = {
    agent: false,
    signal,
    maxHeaderSize: LARGEST_HEADERS,
    headers: { accept: 'application/pkix-crl, */*', 'accept-encoding': 'identity', 'user-agent': 'fleetgate' },
    ...(!isAllowed && { lookup: publicLookup }),
  } as const;
  const request = url.protocol === 'https:' ? overHttps(url, options) : overHttp(url, options);
  request.once('response', resolve);
  request.on('error', reject); // stays: a late one must not end the process
  request.end();
  return promise;
}

const problemOf = ({ message, code, name }: NodeJS.ErrnoException): string => (name === 'AbortError' ? 'it was given up' : message === '' ? (code ?? 'no connection') : message).slice(0, 200);
