import type { Lease, Leases } from '../../ports/driven/leases.ts';
import type { InMemoryState } from './in-memory-state.ts';

export class InMemoryLeases implements Leases {
  readonly #state: InMemoryState;

  constructor({ state }: { state: InMemoryState }) {
    this.#state = state;
  }

  async keep(name: string, holder: string): Promise<'new' | 'kept' | 'of-another'> {
    const known = this.#state.leases.get(name);
    if (known && known.holder !== holder) return 'of-another';
    this.#state.leases.set(name, { name, holder, beat: (known?.beat ?? 0) + 1 });
    return known ? 'kept' : 'new';
  }

  async all(): Promise<readonly Lease[]> {
    return [...this.#state.leases.values()];
  }

  async end({ name, holder, beat }: Lease): Promise<boolean> {
    const known = this.#state.leases.get(name);
    return known?.holder === holder && known.beat === beat && this.#state.leases.delete(name);
  }

  async release(name: string, holder: string): Promise<void> {
    if (this.#state.leases.get(name)?.holder === holder) this.#state.leases.delete(name);
  }
}
