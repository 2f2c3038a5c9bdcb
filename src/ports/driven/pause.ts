import { token } from '../token.ts';

/**
 * Lets everybody else have a turn, in the middle of work that is long but not urgent.
 *
 * - Resolves after what waited at the time of the call had its turn. Never rejects.
 */
export type Pause = () => Promise<void>;

export const Pause = token<Pause>('Pause');
