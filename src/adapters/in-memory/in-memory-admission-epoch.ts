import type { AdmissionEpoch } from '../../ports/driven/admission-epoch.ts';
import type { InMemoryState } from './in-memory-state.ts';

export class InMemoryAdmissionEpoch implements AdmissionEpoch {
  readonly #state: InMemoryState;

  constructor({ state }: { state: InMemoryState }) {
    this.#state = state;
  }

  async current(): Promise<number> {
    return this.#state.epoch;
  }
}
