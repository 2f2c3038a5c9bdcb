import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Tables of rules: each row holds a `code: '…'` and, after it, a `holds: (…) => …` up to the next property of the row. */
const TABLES = [
  { file: 'src/domain/certificates/path-rules.ts', tests: ['test/domain/certificates', 'test/domain/usecases/explain-chain'] },
  { file: 'src/domain/certificates/tenant-rules.ts', tests: ['test/domain/certificates/tenant-rules'] },
  { file: 'src/domain/trust/admit-trust-anchor.ts', tests: ['test/domain/trust/admit-trust-anchor'] },
];
const ROW = /code: '([a-z0-9.-]+)',(?:(?!code: ')[\s\S])*?(holds: \([^=]*?\) =>\s*)([\s\S]*?)(,?\s*(?:evidence: ))/g;

/** Ways to spoil one condition: drop it altogether, and shift, swap or turn round each operator in it. */
const OPERATORS = [
  ['<=', '<'],
  ['||', '&&'],
  ['&&', '||'],
  [' === ', ' !== '],
  [' !== ', ' === '],
];

/** Every row gives at least one mutant: the rule that always holds. */
export function ruleMutants(root) {
  return TABLES.flatMap(({ file, tests }) => {
    const text = readFileSync(join(root, file), 'utf8');
    const rows = [...text.matchAll(ROW)];
    const declared = text.match(/code: '/g).length;
    if (rows.length !== declared) throw new Error(`${file}: ${declared} rows, but only ${rows.length} conditions were found`);
    return rows.flatMap(([whole, code, head, condition, tail]) =>
      variantsOf(condition).map(([how, changed]) => ({
        file,
        tests,
        what: `${code}: ${how}`,
        from: whole,
        to: whole.replace(`${head}${condition}${tail}`, () => `${head}${changed}${tail}`),
      })),
    );
  });
}

function variantsOf(condition) {
  const variants = [['always holds', 'true']];
  for (const [operator, other] of OPERATORS) {
    condition.split(operator).slice(1).forEach((_, i) => {
      const parts = condition.split(operator);
      const changed = `${parts.slice(0, i + 1).join(operator)}${other}${parts.slice(i + 1).join(operator)}`;
      variants.push([`${operator.trim()} number ${i + 1} becomes ${other.trim()}`, changed]);
    });
  }
  return variants;
}
