import { request as overHttp, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as overHttps } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { grant, refuse } from '../../domain/shared/decision.ts';
import type { ApiAccess, ApiPlace } from './api-access.ts';
import { EXIT, fail, type CliFailure, type Outcome } from './cli-failure.ts';
import { networkReason } from './network-reason.ts';

/** Largest answer: that to a bulk registration of a million rows. */
const LARGEST_ANSWER = 400 * 1024 * 1024;

export interface Upload {
  readonly type: string;
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Undefined: sent in chunks. */
  readonly length?: number;
}

export interface ApiClientNeeds {
  /** Without user and password only public paths answer. */
  readonly access: ApiPlace | ApiAccess;
  /** A server that says nothing for so long is given up. */
  readonly silenceMs?: number;
}

/** Speaks JSON to the HTTP API of a running server. What the server refuses, or why it cannot be reached, comes back as a value. */
export class ApiClient {
  readonly #access: ApiPlace | ApiAccess;
  readonly #silenceMs: number;

  constructor({ access, silenceMs = 60_000 }: ApiClientNeeds) {
    this.#access = access;
    this.#silenceMs = silenceMs;
  }

  /** `tenant/user`; undefined for nobody. */
  get user(): string | undefined {
    return 'user' in this.#access ? this.#access.user : undefined;
  }

  get(path: string): Promise<Outcome<unknown>> {
    return this.#ask('GET', path);
  }

  /** What is no JSON. */
  download(path: string): Promise<Outcome<Uint8Array>> {
    return this.#send('GET', path, undefined, (bytes) => grant(bytes));
  }

  post(path: string, body: object = {}): Promise<Outcome<unknown>> {
    return this.#ask('POST', path, json(body));
  }

  put(path: string, body: object): Promise<Outcome<unknown>> {
    return this.#ask('PUT', path, json(body));
  }

  delete(path: string): Promise<Outcome<unknown>> {
    return this.#ask('DELETE', path);
  }

  upload(path: string, upload: Upload): Promise<Outcome<unknown>> {
    return this.#ask('POST', path, upload);
  }

  #ask(method: string, path: string, body?: Upload): Promise<Outcome<unknown>> {
    return this.#send(method, path, body, (bytes, status) => readAnswer(status, bytes.toString('utf8'), this.#access));
  }

  async #send<T>(method: string, path: string, body: Upload | undefined, read: (bytes: Buffer, status: number) => Outcome<T>): Promise<Outcome<T>> {
    const { url } = this.#access;
    try {
      const request = this.#open(method, path, body);
      const response = await answerTo(request, body, this.#silenceMs);
      const bytes = await bytesOf(response);
      request.destroy(); // what is still to be sent is no longer wanted
      const status = response.statusCode ?? 0;
      if (status >= 200 && status < 300) return read(bytes, status);
      return readAnswer(status, bytes.toString('utf8'), this.#access) as Outcome<never>;
    } catch (error) {
      return fail(EXIT.failed, networkReason(error, url));
    }
  }

  #open(method: string, path: string, body: Upload | undefined): ClientRequest {
    const { url, ca, client } = this.#access;
    const target = new URL(url);
    const headers = {
      accept: 'application/json',
      ...('user' in this.#access && { authorization: basic(this.#access) }),
      ...(body && { 'content-type': body.type }),
      ...(body?.length !== undefined && { 'content-length': body.length }),
    };
    // The path as it is: a URL would resolve `..`, which is a legal device id.
    const whole = `${target.pathname.replace(/\/$/, '')}${path}` || '/';
    const options = { method, headers, path: whole, agent: false, timeout: this.#silenceMs } as const;
    return target.protocol === 'https:' ? overHttps(target, { ...options, ...client, ...(ca && { ca: [...ca] }) }) : overHttp(target, options);
  }
}

const basic = ({ user, password }: ApiAccess): string => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

function json(value: object): Upload {
  const bytes = Buffer.from(JSON.stringify(value));
  return { type: 'application/json', bytes: Readable.from([bytes]), length: bytes.length };
}

/** The answer may come before the body is sent: a server that refuses does not read on. */
async function answerTo(request: ClientRequest, body: Upload | undefined, silenceMs: number): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  request.once('response', resolve);
  request.on('error', reject); // stays: a late one must not end the process
  request.once('timeout', () => request.destroy(new Error(`the server said nothing for ${Math.round(silenceMs / 1000)} seconds`)));
  if (body) pipeline(body.bytes, request).catch((error: unknown) => request.destroy(error as Error));
  else request.end();
  return promise;
}

async function bytesOf(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LARGEST_ANSWER) throw new Error(`the answer has more than ${LARGEST_ANSWER} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function readAnswer(status: number, text: string, access: ApiPlace | ApiAccess): Outcome<unknown> {
  const body = parsed(text);
  if (status >= 200 && status < 300 && body !== undefined) return grant(body.value);
  const { message, details } = (body?.value ?? {}) as Record<string, unknown>;
  if (typeof message !== 'string') {
    return fail(EXIT.failed, `${access.url} answered with status ${status} and not in the form of Fleetgate. Check FLEETGATE_URL.`);
  }
  const failure: CliFailure = {
    exit: status >= 500 ? EXIT.failed : EXIT.refused,
    message: isLogin(status, details) && 'user' in access ? `${message}. ${access.ifWrong}` : message,
    ...(details !== undefined && { details }),
  };
  return refuse(failure);
}

/** The compatible API answers 401 to a device's chain too; then the login is not what was wrong. */
const isLogin = (status: number, details: unknown): boolean =>
  status === 401 && String((details as { readonly code?: unknown } | undefined)?.code ?? 'access.').startsWith('access.');

/** Undefined: no JSON. An empty body is a value of its own. */
function parsed(text: string): { readonly value: unknown } | undefined {
  if (text === '') return { value: null };
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}
