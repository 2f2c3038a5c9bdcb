import { token } from '../token.ts';

/**
 * Small secret texts by name that every process and node has: the signing keys, where nodes share no files.
 *
 * - `put` is durable when it resolves, and replaces a text of the same name as a whole or not at all.
 * - Nothing is cached: `all` sees what any process has put.
 * - A rejected promise means the store is out of order.
 */
export interface SharedSecrets {
  all(): Promise<ReadonlyMap<string, string>>;
  put(name: string, text: string): Promise<void>;
  /** As `put`, where `former` is what is there; else nothing changes, and it resolves with false. Of several that race, one does it. */
  replace(name: string, former: string, text: string): Promise<boolean>;
  remove(name: string): Promise<void>;
}

export const SharedSecrets = token<SharedSecrets>('SharedSecrets');
