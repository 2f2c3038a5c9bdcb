import type { Change, ChangeNote } from '../../domain/changes/change.ts';
import type { ChangeFeed } from '../../ports/driven/change-feed.ts';
import { changed, type InMemoryState } from './in-memory-state.ts';

/** The changes of this process, which is the only one. */
export class InMemoryChangeFeed implements ChangeFeed {
  readonly #state: InMemoryState;

  constructor({ state }: { state: InMemoryState }) {
    this.#state = state;
  }

  async head(): Promise<number> {
    return this.#state.epoch;
  }

  async after(seq: number, limit: number): Promise<readonly Change[] | 'forgotten'> {
    if (seq === this.#state.epoch) return [];
    const from = this.#state.changes.findIndex((change) => change.seq === seq + 1);
    return from === -1 ? 'forgotten' : this.#state.changes.slice(from, from + limit);
  }

  async note(change: ChangeNote): Promise<void> {
    changed(this.#state, change);
  }

  watch(look: () => void): () => void {
    this.#state.watchers.add(look);
    return () => void this.#state.watchers.delete(look);
  }
}
