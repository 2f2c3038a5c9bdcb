import type { Change, ChangeNote } from '../../domain/changes/change.ts';
import { token } from '../token.ts';

/**
 * Every change that can withdraw admission, in one order for all processes and nodes (D-64).
 *
 * - A change stands here in the transaction that makes it: whoever reads it finds its effect in the stores, and none takes effect without it.
 * - `seq` is the `AdmissionEpoch` after the change. It grows by one with each commit, so that who has seen `n` and then `n + 2` has missed one, and
 *   a change that commits later never has a smaller number.
 * - Only the last changes are kept (`KEPT_CHANGES`). Who asks for older ones, or for one of which no note was taken, is told so and must look at everything.
 * - `watch` is a hint: it may call for nothing, and a call may be lost with a connection. Whoever must not miss anything also asks by the clock.
 * - A rejected promise means the store is out of order.
 */
export interface ChangeFeed {
  /** The number of the newest change. */
  head(): Promise<number>;
  /** Those that follow `seq` without a gap, in order; at most `limit`. None: `seq` is the newest. `'forgotten'`: what follows is not known here. */
  after(seq: number, limit: number): Promise<readonly Change[] | 'forgotten'>;
  /** Notes something that is not in a store: new signing keys. Resolves when it is durable. */
  note(change: ChangeNote): Promise<void>;
  /** Calls `look` soon after something has changed, whoever changed it. Returns what ends it. */
  watch(look: () => void): () => void;
}

/** How many changes are kept. A process that was away for more looks at everything, which costs it about a millisecond for ten sessions. */
export const KEPT_CHANGES = 10_000;

export const ChangeFeed = token<ChangeFeed>('ChangeFeed');
