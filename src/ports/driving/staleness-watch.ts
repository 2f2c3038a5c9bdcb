import { token } from '../token.ts';

/**
 * Ends sessions that rest on lists or answers which have grown older than their rules allow.
 *
 * - A round looks once a minute at most, at some sessions at a time with a pause between, and resolves when it is done; it never rejects.
 * - Nobody's session ends for what a tenant does not enforce.
 */
export interface StalenessWatch {
  round(signal?: AbortSignal): Promise<void>;
}

export const StalenessWatch = token<StalenessWatch>('StalenessWatch');
