import { FIGURES, type FigureName } from '../../ports/figures/catalogue.ts';
import { TIME_BOUNDS, type Figure, type FigureRow, type Labels, type TimeSample } from '../../ports/figures/figure.ts';

export const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

const TYPES = { count: 'counter', gauge: 'gauge', time: 'histogram' } as const;

/** The text format of Prometheus, version 0.0.4. A figure that the catalogue does not know is left out. */
export function prometheusText(figures: readonly Figure[]): string {
  return figures.map((figure) => textOf(figure, Object.hasOwn(FIGURES, figure.name) ? FIGURES[figure.name as FigureName] : undefined)).join('');
}

function textOf({ name, samples }: Figure, row: FigureRow | undefined): string {
  if (row === undefined) return '';
  const lines = samples.flatMap((sample) => ('counts' in sample ? timeLines(name, sample) : [`${name}${labelsText(sample.labels)} ${sample.value}`]));
  return [`# HELP ${name} ${escapedHelp(row.help)}`, `# TYPE ${name} ${TYPES[row.kind]}`, ...lines, ''].join('\n');
}

/** Buckets add up: each counts what lies below it too. */
function timeLines(name: string, { labels, counts, sum }: TimeSample): readonly string[] {
  let below = 0;
  const buckets = counts.map((count, i) => `${name}_bucket${labelsText({ ...labels, le: String(TIME_BOUNDS[i] ?? '+Inf') })} ${(below += count)}`);
  return [...buckets, `${name}_sum${labelsText(labels)} ${sum}`, `${name}_count${labelsText(labels)} ${below}`];
}

function labelsText(labels: Labels): string {
  const all = Object.entries(labels).map(([label, value]) => `${label}="${escaped(value)}"`);
  return all.length === 0 ? '' : `{${all.join(',')}}`;
}

const escapedHelp = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
const escaped = (text: string): string => escapedHelp(text).replaceAll('"', '\\"');
