import type { Decision } from '../../domain/shared/decision.ts';
import type { RefusalOf } from '../../domain/shared/refusal-of.ts';
import { token } from '../token.ts';

/**
 * Fetches revocation lists from where an operator said, and nothing else from nowhere else.
 *
 * - http and https; bounded in bytes, time and redirects, whatever the server does.
 * - A redirect away from the hosts that the operator named leads to public addresses only, as they are at the moment of connecting.
 * - Sends no credentials, and nothing about devices.
 * - Never rejects: what went wrong is a refusal with a reason for operators.
 */
export interface ListSource {
  fetch(question: ListQuestion): Promise<Decision<Uint8Array, RefusalOf<'list.not-fetched'>>>;
}

export interface ListQuestion {
  readonly url: string;
  /** All that the operator allowed for this CA, `url` among them. */
  readonly allowed: readonly string[];
  /** Ends the fetch early. */
  readonly signal?: AbortSignal;
}

export const ListSource = token<ListSource>('ListSource');
