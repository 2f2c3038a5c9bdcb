import { FIGURES } from '../../src/ports/figures/catalogue.ts';
import type { FigureRow } from '../../src/ports/figures/figure.ts';

export const FIGURES_BEGIN = '<!-- figures: written by npm run docs from src/ports/figures/catalogue.ts -->';
export const FIGURES_END = '<!-- /figures -->';

const KINDS = { count: 'counter', gauge: 'gauge', time: 'histogram' } as const;
/** Lists longer than this are told by their beginning. */
const MOST_SHOWN = 8;

/** The table of figures in src/adapters/metrics/README.md, as Markdown. */
export function figuresSection(): string {
  const rows = Object.entries(FIGURES as Readonly<Record<string, FigureRow>>).map(([name, { kind, help, labels, merged }]) => {
    const told = Object.entries(labels).map(([label, rule]) => `\`${label}\`: ${'most' in rule ? `${rule.most} at most` : rule.length > MOST_SHOWN ? `${rule.slice(0, 2).join(', ')} … (${rule.length})` : rule.join(', ')}`);
    return `| \`${name}\` | ${KINDS[kind]} | ${told.join('; ')} | ${kind === 'gauge' ? merged : 'sum'} | ${help} |`;
  });
  return ['| figure | type | labels | of several processes | what it is |', '|---|---|---|---|---|', ...rows].join('\n');
}
