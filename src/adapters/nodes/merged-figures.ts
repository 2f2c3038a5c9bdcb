import { randomUUID } from 'node:crypto';
import type { Figures } from '../../ports/driven/figures.ts';
import type { Neighbours } from '../../ports/driven/neighbours.ts';
import type { Figure } from '../../ports/figures/figure.ts';
import { mergeFigures } from '../../ports/figures/merge-figures.ts';

export interface MergedFiguresNeeds {
  /** Of this process. */
  readonly local: Figures;
  readonly neighbours: Neighbours;
  /** Workers beside this one. */
  readonly others: number;
  /** One that does not answer by then is left out: it may just be starting. */
  readonly waitMs?: number;
}

type Word = { readonly asked: string } | { readonly answers: string; readonly figures: readonly Figure[] };

interface Open {
  readonly sets: (readonly Figure[])[];
  readonly done: () => void;
}

const TOPIC = 'figures';

/** The figures of all workers of one machine, whichever of them is asked. */
export class MergedFigures implements Figures {
  readonly #needs: MergedFiguresNeeds;
  readonly #open = new Map<string, Open>();

  constructor(needs: MergedFiguresNeeds) {
    this.#needs = needs;
    needs.neighbours.hear(TOPIC, (word) => void this.#heard(word as Word));
  }

  async all(): Promise<readonly Figure[]> {
    const { local, neighbours, others, waitMs = 500 } = this.#needs;
    const own = await local.all();
    if (others === 0) return own;
    const asked = randomUUID();
    const { promise, resolve: done } = Promise.withResolvers<void>();
    const timer = setTimeout(done, waitMs);
    const sets: (readonly Figure[])[] = [own];
    this.#open.set(asked, { sets, done });
    neighbours.tell(TOPIC, { asked } satisfies Word);
    await promise;
    clearTimeout(timer);
    this.#open.delete(asked);
    return mergeFigures(sets);
  }

  async #heard(word: Word): Promise<void> {
    const { local, neighbours, others } = this.#needs;
    if ('asked' in word) return neighbours.tell(TOPIC, { answers: word.asked, figures: await local.all() } satisfies Word);
    const open = this.#open.get(word.answers); // everybody hears every answer
    open?.sets.push(word.figures);
    if (open && open.sets.length > others) open.done();
  }
}
