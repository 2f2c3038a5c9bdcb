import { grant, refuse, type Decision } from '../../domain/shared/decision.ts';
import type { RefusalOf } from '../../domain/shared/refusal-of.ts';
import type { ListQuestion, ListSource } from '../../ports/driven/list-source.ts';
import { BoundedHttp, type BoundedHttpNeeds } from './bounded-http.ts';

export type HttpListSourceNeeds = Pick<BoundedHttpNeeds, 'pause'> & Partial<BoundedHttpNeeds>;

export class HttpListSource implements ListSource {
  readonly #http: BoundedHttp;

  constructor({ timeoutMs = 60_000, mostBytes = 90 * 1024 * 1024, ...rest }: HttpListSourceNeeds) {
    this.#http = new BoundedHttp({ timeoutMs, mostBytes, ...rest });
  }

  async fetch(question: ListQuestion): Promise<Decision<Uint8Array, RefusalOf<'list.not-fetched'>>> {
    const fetched = await this.#http.send(question, { accept: 'application/pkix-crl, */*' });
    return typeof fetched === 'string' ? refuse({ code: 'list.not-fetched', evidence: { url: question.url, problem: fetched } }) : grant(fetched);
  }
}
