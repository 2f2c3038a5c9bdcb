import { token } from '../token.ts';

/**
 * The other workers on this machine, for what is better known to all of them and harms nobody where it is not: a word may be lost, comes late
 * or not at all, and is kept nowhere. What must not be lost goes by the store.
 */
export interface Neighbours {
  /** `word` is plain JSON data. Never rejects, and does not come back to whoever says it. */
  tell(topic: string, word: unknown): void;
  hear(topic: string, listener: (word: unknown) => void): void;
}

export const Neighbours = token<Neighbours>('Neighbours');

/** Nobody is there. */
export const NO_NEIGHBOURS: Neighbours = { tell: () => undefined, hear: () => undefined };
