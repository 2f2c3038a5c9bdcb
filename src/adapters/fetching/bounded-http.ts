import { request as overHttp, type IncomingMessage } from 'node:http';
import { request as overHttps } from 'node:https';
import type { ListQuestion } from '../../ports/driven/list-source.ts';
import type { Pause } from '../../ports/driven/pause.ts';
import { AddressGate } from './address-gate.ts';
import { NotFetched, redirectTarget } from './redirect-target.ts';

export interface BoundedHttpNeeds {
  readonly pause: Pause;
  /** For all of it: names, redirects, body. */
  readonly timeoutMs: number;
  readonly mostBytes: number;
  /** By default one that lets rules name neighbours. */
  readonly gate?: AddressGate;
}

/** What is sent: headers, and for a POST the body with its type. */
export interface Sent {
  readonly accept: string;
  readonly body?: { readonly type: string; readonly bytes: Uint8Array };
}

const MOST_REDIRECTS = 3;
const LARGEST_HEADERS = 16 * 1024;
const SEE_OTHER = 303;
const REDIRECTS: readonly (number | undefined)[] = [301, 302, SEE_OTHER, 307, 308];

interface Journey extends Pick<Asked, 'sent' | 'signal'> {
  readonly first: URL;
  readonly allowed: ReadonlySet<string>;
}

/** One request to a host that an operator named, bounded in bytes, time and redirects, whatever the server does. */
export class BoundedHttp {
  readonly #pause: Pause;
  readonly #timeoutMs: number;
  readonly #mostBytes: number;
  readonly #gate: AddressGate;

  constructor({ pause, timeoutMs, mostBytes, gate = new AddressGate({}) }: BoundedHttpNeeds) {
    this.#pause = pause;
    this.#timeoutMs = timeoutMs;
    this.#mostBytes = mostBytes;
    this.#gate = gate;
  }

  /** The body of the answer, or why there is none, for operators. Never rejects. */
  async send({ url, allowed, signal }: ListQuestion, sent: Sent): Promise<Uint8Array | string> {
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    const ending = signal ? AbortSignal.any([signal, timeout]) : timeout;
    try {
      return await this.#follow({ first: new URL(url), allowed: new Set(allowed.map((it) => new URL(it).host)), sent, signal: ending });
    } catch (error) {
      return timeout.aborted ? `it took longer than ${this.#timeoutMs} ms` : problemOf(error as NodeJS.ErrnoException);
    }
  }

  async #follow({ first, allowed, sent, signal }: Journey): Promise<Uint8Array> {
    let url = first;
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      const response = await answerFrom(url, { gate: this.#gate, isNamed: allowed.has(url.host), sent, signal });
      if (!REDIRECTS.includes(response.statusCode)) return this.#bodyOf(response);
      response.destroy();
      if (sent.body && response.statusCode === SEE_OTHER) throw new NotFetched('it was redirected to something that takes no question');
      url = redirectTarget(url, response.headers.location);
    }
    throw new NotFetched(`it was redirected more than ${MOST_REDIRECTS} times`);
  }

  async #bodyOf(response: IncomingMessage): Promise<Uint8Array> {
    const { statusCode, headers } = response;
    try {
      if (statusCode !== 200) throw new NotFetched(`the server answered with status ${statusCode}`);
      if (headers['content-encoding'] !== undefined) throw new NotFetched('the server compressed what it sent, though it was not asked to');
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

interface Asked {
  readonly gate: AddressGate;
  /** The operator named this host. */
  readonly isNamed: boolean;
  readonly sent: Sent;
  readonly signal: AbortSignal;
}

function answerFrom(url: URL, { gate, isNamed, sent: { accept, body }, signal }: Asked): Promise<IncomingMessage> {
  const host = { name: url.hostname.replace(/^\[|\]$/g, ''), isNamed };
  gate.check(host);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const options = {
    agent: false,
    signal,
    maxHeaderSize: LARGEST_HEADERS,
    method: body ? 'POST' : 'GET',
    headers: { accept, 'accept-encoding': 'identity', 'user-agent': 'fleetgate', ...(body && { 'content-type': body.type, 'content-length': body.bytes.length }) },
    lookup: gate.lookupOf(host),
  } as const;
  const request = url.protocol === 'https:' ? overHttps(url, options) : overHttp(url, options);
  request.once('response', resolve);
  request.on('error', reject); // stays: a late one must not end the process
  request.end(body?.bytes);
  return promise;
}

const problemOf = ({ message, code, name }: NodeJS.ErrnoException): string => (name === 'AbortError' ? 'it was given up' : message === '' ? (code ?? 'no connection') : message).slice(0, 200);
