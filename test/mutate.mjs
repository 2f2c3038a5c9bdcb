/**
 * Mutates one condition of every rule row, one decision after the other, and one statement of every store method, and checks that each
 * mutant turns a test red. `npm run mutate` (minutes); `npm run mutate -- rules` runs one group. The sources are never touched: a copy is.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DECISION_MUTANTS } from './mutation/decision-mutants.mjs';
import { FIGURES_MUTANTS } from './mutation/figures-mutants.mjs';
import { IMPACT_MUTANTS } from './mutation/impact-mutants.mjs';
import { REVOCATION_MUTANTS } from './mutation/revocation-mutants.mjs';
import { ruleMutants } from './mutation/rule-mutants.mjs';
import { STORE_MUTANTS } from './mutation/store-mutants.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const GROUPS = { rules: ruleMutants(ROOT), decisions: DECISION_MUTANTS, stores: STORE_MUTANTS, impact: IMPACT_MUTANTS, revocation: REVOCATION_MUTANTS, figures: FIGURES_MUTANTS };

const wanted = process.argv.slice(2);
const chosen = Object.entries(GROUPS).filter(([name]) => wanted.length === 0 || wanted.includes(name));
if (chosen.length === 0) {
  console.error(`There is no group ${wanted.join(', ')}. Groups: ${Object.keys(GROUPS).join(', ')}.`);
  process.exit(2);
}

const copy = mkdtempSync(join(tmpdir(), 'fleetgate-mutants-'));
for (const part of ['src', 'test', 'package.json', 'jest.config.mjs']) cpSync(join(ROOT, part), join(copy, part), { recursive: true });
symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));

let killed = 0;
const survivors = [];
try {
  for (const [name, mutants] of chosen) {
    console.log(`${name}: ${mutants.length} mutants`);
    mustBeGreen([...new Set(mutants.flatMap(({ tests }) => tests))]);
    for (const mutant of mutants) judge(mutant);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
for (const what of survivors) console.log(`survived: ${what}`);
console.log(`${killed} of ${killed + survivors.length} mutants turned a test red`);
process.exitCode = survivors.length > 0 ? 1 : 0;

function judge({ file, what, from, to, tests }) {
  const path = join(copy, file);
  const original = readFileSync(path, 'utf8');
  const pieces = original.split(from);
  if (pieces.length !== 2) throw new Error(`${file}: "${from}" stands ${pieces.length - 1} times, expected is once. Mend the table of mutants.`);
  writeFileSync(path, pieces.join(to));
  const isRed = !isGreen(tests);
  writeFileSync(path, original);
  if (isRed) killed += 1;
  else survivors.push(`${file}: ${what}`);
  console.log(`  ${isRed ? 'red     ' : 'SURVIVED'} ${file}: ${what}`);
}

/** A suite that is red before anything was mutated would call every mutant dead. */
function mustBeGreen(tests) {
  if (!isGreen(tests)) throw new Error(`These tests are red without any mutant: ${tests.join(', ')}`);
}

function isGreen(tests) {
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const args = [...flags, 'node_modules/jest/bin/jest.js', '--silent', '--bail', '--maxWorkers=2', ...tests];
  const { status } = spawnSync(process.execPath, args, { cwd: copy, stdio: 'ignore', timeout: 120_000 });
  return status === 0;
}
