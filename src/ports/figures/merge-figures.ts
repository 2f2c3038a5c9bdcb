import { FIGURES } from './catalogue.ts';
import type { Figure, FigureRow, Labels, Merging, Sample, TimeSample } from './figure.ts';

/** One set of figures of several: those of processes that share their work. */
export function mergeFigures(sets: readonly (readonly Figure[])[]): readonly Figure[] {
  const all = new Map<string, readonly (Sample | TimeSample)[]>();
  for (const { name, samples } of sets.flat()) all.set(name, [...(all.get(name) ?? []), ...samples]);
  return [...all].map(([name, samples]) => ({ name, samples: mergedSamples(samples, name) }));
}

/** The same figures with all tenants in one, for those who may not know which there are. */
export const withoutTenants = (figures: readonly Figure[]): readonly Figure[] =>
  figures.map(({ name, samples }) => ({
    name,
    samples: samplesAsOne(samples.map((sample) => ('tenant' in sample.labels ? { ...sample, labels: { ...sample.labels, tenant: '' } } : sample)), name),
  }));

/** Values of several processes that have the same labels are one. */
export const mergedSamples = <S extends Sample | TimeSample>(samples: readonly S[], name: string): readonly S[] => withRule(samples, rowOf(name)?.merged);

/** Values of several tenants that have the same labels are one. */
export const samplesAsOne = <S extends Sample | TimeSample>(samples: readonly S[], name: string): readonly S[] => withRule(samples, rowOf(name)?.overTenants ?? rowOf(name)?.merged);

const rowOf = (name: string): FigureRow | undefined => (FIGURES as Readonly<Record<string, FigureRow | undefined>>)[name];

function withRule<S extends Sample | TimeSample>(samples: readonly S[], rule: Merging = 'sum'): readonly S[] {
  const byLabels = new Map<string, S>();
  for (const sample of samples) {
    const key = keyOf(sample.labels);
    const known = byLabels.get(key);
    byLabels.set(key, known ? merged(known, sample, rule) : sample);
  }
  return [...byLabels.values()];
}

function merged<S extends Sample | TimeSample>(one: S, other: S, rule: Merging): S {
  if ('counts' in one && 'counts' in other) return { ...one, counts: one.counts.map((count, i) => count + (other.counts[i] ?? 0)), sum: one.sum + other.sum };
  if (!('value' in one) || !('value' in other)) return one;
  return { ...one, value: rule === 'sum' ? one.value + other.value : Math[rule](one.value, other.value) };
}

const keyOf = (labels: Labels): string => JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
