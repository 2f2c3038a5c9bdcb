import { createHash, createHmac } from 'node:crypto';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { BATCH_TYPE } from './cloud-event.ts';

export interface WebhookCourierNeeds {
  readonly url: string;
  /** PEM of the CAs that are trusted; the system's where absent. */
  readonly ca?: string;
  readonly key: Buffer;
  readonly now: () => Date;
  /** For one whole exchange. */
  readonly timeoutMs: number;
}

/** `refused` is an answer that the same body would get again; everything else that is not `taken` may pass. */
export type Outcome =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'failed'; readonly why: string; readonly againAfterMs?: number };

const REFUSALS: readonly (number | undefined)[] = [400, 413, 422];
/** More of an answer than this is not read. */
const LONGEST_ANSWER = 65_536;
const LONGEST_WAIT_S = 300;

/** Posts bodies to the one URL that the operator named, signed as Standard Webhooks 1.0.0 says. Follows no redirects. */
export class WebhookCourier {
  readonly #needs: WebhookCourierNeeds;
  readonly #url: URL;
  readonly #agent: HttpAgent | HttpsAgent;

  constructor(needs: WebhookCourierNeeds) {
    this.#needs = needs;
    this.#url = new URL(needs.url);
    this.#agent = new (this.#url.protocol === 'https:' ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: 4, ...(needs.ca !== undefined && { ca: needs.ca }) });
  }

  /** Never rejects. */
  async post(body: Buffer, signal: AbortSignal): Promise<Outcome> {
    const within = AbortSignal.any([signal, AbortSignal.timeout(this.#needs.timeoutMs)]);
    try {
      return outcomeOf(await this.#exchange(body, within));
    } catch (error) {
      const isLate = within.aborted && !signal.aborted;
      return { kind: 'failed', why: isLate ? `no answer within ${this.#needs.timeoutMs} ms` : String((error as NodeJS.ErrnoException).code ?? error) };
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  #exchange(body: Buffer, signal: AbortSignal): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const send = this.#url.protocol === 'https:' ? httpsRequest : httpRequest;
    const options: RequestOptions = { method: 'POST', agent: this.#agent, signal, headers: this.#headersOf(body) };
    const request = send(this.#url, options, (answer) => {
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => (bytes += chunk.length) > LONGEST_ANSWER && request.destroy());
      answer.on('error', () => undefined);
      // The status says it all; an answer that was too long or broke off has one too.
      answer.once('close', () => (signal.aborted ? reject(new Error('given up')) : resolve(answer)));
    });
    request.on('error', reject); // stays: a late one must not end the process
    request.end(body);
    return promise;
  }

  #headersOf(body: Buffer): Record<string, string | number> {
    const id = `msg_${createHash('sha256').update(body).digest('base64url').slice(0, 27)}`; // of the body: a retry has the same
    const timestamp = Math.floor(this.#needs.now().getTime() / 1000);
    return {
      'content-type': BATCH_TYPE,
      'content-length': body.length,
      'user-agent': 'fleetgate',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${createHmac('sha256', this.#needs.key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`,
    };
  }
}

function outcomeOf({ statusCode = 0, headers }: IncomingMessage): Outcome {
  if (statusCode >= 200 && statusCode < 300) return { kind: 'taken' };
  const isRedirect = statusCode >= 300 && statusCode < 400;
  const why = `HTTP ${statusCode}${isRedirect ? ', and redirects are not followed' : ''}`;
  if (REFUSALS.includes(statusCode)) return { kind: 'refused', why };
  const seconds = /^\d{1,4}$/.test(headers['retry-after'] ?? '') ? Math.min(Number(headers['retry-after']), LONGEST_WAIT_S) : undefined;
  return { kind: 'failed', why, ...(seconds !== undefined && { againAfterMs: seconds * 1000 }) };
}
