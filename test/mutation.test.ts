import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import ts from 'typescript';
// @ts-expect-error plain JavaScript, so that the script needs no loader
import { DECISION_MUTANTS } from './mutation/decision-mutants.mjs';
// @ts-expect-error as above
import { FIGURES_MUTANTS } from './mutation/figures-mutants.mjs';
// @ts-expect-error as above
import { IMPACT_MUTANTS } from './mutation/impact-mutants.mjs';
// @ts-expect-error as above
import { REVOCATION_MUTANTS } from './mutation/revocation-mutants.mjs';
// @ts-expect-error as above
import { ruleMutants } from './mutation/rule-mutants.mjs';
// @ts-expect-error as above
import { STORE_MUTANTS } from './mutation/store-mutants.mjs';

interface Mutant {
  readonly file: string;
  readonly what: string;
  readonly from: string;
  readonly to: string;
}

const ROOT = join(import.meta.dirname, '..');
const GROUPS: Readonly<Record<string, readonly Mutant[]>> = { rules: ruleMutants(ROOT), decisions: DECISION_MUTANTS, stores: STORE_MUTANTS, impact: IMPACT_MUTANTS, revocation: REVOCATION_MUTANTS, figures: FIGURES_MUTANTS };

it.each(Object.keys(GROUPS))('Every mutant of the %s still finds the one place that it changes, or npm run mutate could not run to its end', (group) => {
  const places = ({ file, from }: Mutant): number => readFileSync(join(ROOT, file), 'utf8').split(from).length - 1;
  const lost = GROUPS[group]!.filter((mutant) => places(mutant) !== 1 || mutant.from === mutant.to);
  expect(lost.map(({ file, what }) => `${file}: ${what}`)).toEqual([]);
});

it.each(Object.keys(GROUPS))('Every mutant of the %s is still TypeScript: one that no test can even load proves nothing by being red', (group) => {
  const errorsIn = ({ file, from, to }: Mutant): number => {
    const changed = readFileSync(join(ROOT, file), 'utf8').split(from).join(to);
    return ts.transpileModule(changed, { reportDiagnostics: true, fileName: file, compilerOptions: { target: ts.ScriptTarget.ESNext } }).diagnostics!.length;
  };
  expect(GROUPS[group]!.filter((mutant) => errorsIn(mutant) > 0).map(({ file, what }) => `${file}: ${what}`)).toEqual([]);
});

it('test/README.md shows as many mutants of the rules as there are', () => {
  const count = GROUPS['rules']!.length;
  const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');
  expect(readme).toContain(`rules: ${count} mutants`);
  expect(readme).toContain(`${count} of ${count} mutants turned a test red`);
});
