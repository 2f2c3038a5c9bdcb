import { token } from '../token.ts';

/**
 * Fetches revocation lists in the background, from where operators said. Never on the way of a device.
 *
 * - A round fetches what is due, one after the other, and resolves when it is done; it never rejects. Rounds do not overlap.
 * - A new URL is due at once, one that was fetched an hour later, one that failed after 5 minutes, then later and later.
 * - What could not be fetched or used changes nothing: the last good list stays, and its rule says for how long.
 */
export interface ListFetching {
  round(signal?: AbortSignal): Promise<void>;
}

export const ListFetching = token<ListFetching>('ListFetching');
