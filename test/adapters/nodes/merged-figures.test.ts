import { describe, expect, it } from '@jest/globals';
import { MergedFigures } from '../../../src/adapters/nodes/merged-figures.ts';
import type { Neighbours } from '../../../src/ports/driven/neighbours.ts';
import type { Figure } from '../../../src/ports/figures/figure.ts';

const figure = (value: number): readonly Figure[] => [{ name: 'fleetgate_connects_total', samples: [{ labels: { tenant: 'main', outcome: 'admitted' }, value }] } as unknown as Figure];
const valueIn = (figures: readonly Figure[]): unknown => (figures[0]?.samples[0] as { value?: number } | undefined)?.value;

/** Workers that hear each other, but for those that are `deaf`. */
function workers(values: readonly number[], deaf: readonly number[] = []): readonly MergedFigures[] {
  const listeners: ((word: unknown) => void)[] = [];
  return values.map((value, i) => {
    const neighbours: Neighbours = {
      tell: (_topic, word) => listeners.forEach((listener, other) => other !== i && !deaf.includes(other) && listener(structuredClone(word))),
      hear: (_topic, listener) => void (listeners[i] = listener),
    };
    return new MergedFigures({ local: { all: async () => figure(value) }, neighbours, others: values.length - 1, waitMs: 50 });
  });
}

describe('The figures of several workers', () => {
  it('are the same whoever is asked, and also when two are asked at once', async () => {
    const [a, b, c] = workers([1, 20, 300]);
    expect((await Promise.all([a!.all(), b!.all(), c!.all()])).map(valueIn)).toEqual([321, 321, 321]);
  });

  it('leave out who does not answer', async () => {
    expect(valueIn(await workers([1, 20], [1])[0]!.all())).toBe(1);
  });

  it('are those of one where there is no other', async () => {
    expect(valueIn(await workers([7])[0]!.all())).toBe(7);
  });
});
