import { FIGURES } from '../../src/ports/figures/catalogue.ts';
import type { FigureRow } from '../../src/ports/figures/figure.ts';

/** What Prometheus adds, and the bound of a bucket. */
const ADDED = ['job', 'instance', 'le'];
const ROWS: Readonly<Record<string, FigureRow>> = FIGURES;

/** What is wrong with the figures that an expression of PromQL names: names, labels and values that the catalogue does not have. It does not know the grammar, promtool does. */
export function faultsOf(expression: string): readonly string[] {
  const named = [...expression.matchAll(/\b((?:fleetgate|process)_[a-z_]+)(?:\{([^}]*)\})?/g)].map(([, name, matchers = '']) => ({ name: name!, matchers }));
  const rows = named.map(({ name }) => rowOf(name));
  const known = new Set([...ADDED, ...rows.flatMap((row) => Object.keys(row?.labels ?? {}))]);
  const grouped = [...expression.matchAll(/\b(?:by|without|on|ignoring|group_left|group_right) ?\(([^)]*)\)/g)].flatMap(([, list]) => list!.split(',').map((label) => label.trim()));
  return [
    ...named.flatMap(({ name, matchers }, i) => (rows[i] ? faultsOfMatchers(name, matchers, rows[i]) : [`${name} is no figure`])),
    ...grouped.filter((label) => label !== '' && !known.has(label)).map((label) => `no figure of it has the label ${label}`),
  ];
}

/** All figures that an expression names, as the catalogue has them. */
export const figuresIn = (expression: string): readonly string[] =>
  [...expression.matchAll(/\b(?:fleetgate|process)_[a-z_]+/g)].map(([name]) => (ROWS[name] ? name : name.replace(/_(bucket|sum|count)$/, '')));

/** A histogram is not asked for by its bare name, and nothing else has buckets. */
function rowOf(name: string): FigureRow | undefined {
  const [, base, part] = /^(.*?)(_bucket|_sum|_count)?$/.exec(name)!;
  const row = part === undefined ? ROWS[name] : ROWS[base!];
  return row && (row.kind === 'time') === (part !== undefined) ? row : undefined;
}

function faultsOfMatchers(name: string, matchers: string, { labels }: FigureRow): readonly string[] {
  return [...matchers.matchAll(/([a-z_]+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g)].flatMap(([, label, operator, value]) => {
    if (ADDED.includes(label!)) return [];
    const rule = labels[label!];
    if (rule === undefined) return [`${name} has no label ${label}`];
    const isOpen = 'most' in rule || value!.startsWith('$') || value === '';
    const values = operator!.includes('~') ? value!.split('|') : [value!];
    return isOpen ? [] : values.filter((each) => !rule.includes(each)).map((each) => `${name}: ${label} is never ${each}`);
  });
}
