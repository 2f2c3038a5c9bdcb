import { grant, refuse, type Decision } from '../../domain/shared/decision.ts';
import type { RefusalOf } from '../../domain/shared/refusal-of.ts';
import type { ListQuestion } from '../../ports/driven/list-source.ts';
import type { ResponderSource } from '../../ports/driven/responder-source.ts';
import { BoundedHttp, type BoundedHttpNeeds } from './bounded-http.ts';

export type HttpResponderSourceNeeds = Pick<BoundedHttpNeeds, 'pause'> & Partial<BoundedHttpNeeds>;

/** By POST, which no cache on the way answers with what it kept (RFC 6960 §A.1). */
export class HttpResponderSource implements ResponderSource {
  readonly #http: BoundedHttp;

  constructor({ timeoutMs = 10_000, mostBytes = 64 * 1024, ...rest }: HttpResponderSourceNeeds) {
    this.#http = new BoundedHttp({ timeoutMs, mostBytes, ...rest });
  }

  async ask(question: ListQuestion & { readonly request: Uint8Array }): Promise<Decision<Uint8Array, RefusalOf<'ocsp.not-asked'>>> {
    const body = { type: 'application/ocsp-request', bytes: question.request };
    const said = await this.#http.send(question, { accept: 'application/ocsp-response', body });
    return typeof said === 'string' ? refuse({ code: 'ocsp.not-asked', evidence: { url: question.url, problem: said } }) : grant(said);
  }
}
