/**
 * What `npm test` runs: types, lint, then every kind of test, and at the very end one line that says how it went.
 * Plain JavaScript, so that it can say something sensible under any Node. `npm test -- domain journey` runs these parts only.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const REPORTS = mkdtempSync(join(tmpdir(), 'fleetgate-check-'));
/** A part that hangs is red, not silent. */
const LONGEST_PART_MS = 15 * 60_000;
const OWN_KINDS = ['domain', 'adapters', 'journey'];

const node = newEnoughNode();
const files = testFiles(join(ROOT, 'test'));
const PARTS = [
  ['types', () => command('node_modules/typescript7/bin/tsc', '--noEmit')],
  ['lint', () => command('node_modules/eslint/bin/eslint.js', '--cache', '--cache-location', 'node_modules/.cache/eslint/', '--max-warnings', '0', '.')],
  ['domain', () => jest('domain', files.filter((file) => kindOf(file) === 'domain'), '--maxWorkers=2')],
  // The guards of the house: architecture, documents, requirements, and whatever lies in no folder of its own.
  ['house', () => jest('house', files.filter((file) => !OWN_KINDS.includes(kindOf(file))), '--maxWorkers=2')],
  ['adapters', () => jest('adapters', files.filter((file) => kindOf(file) === 'adapters'), '--maxWorkers=2')],
  // One after the other: journeys measure time-outs on real sockets, and share the machine with the servers they start.
  ['journey', () => jest('journey', files.filter((file) => kindOf(file) === 'journey'), '--runInBand')],
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !PARTS.some(([part]) => part === name));
if (unknown.length > 0) {
  console.error(`There is no part ${unknown.join(', ')}. Parts: ${PARTS.map(([name]) => name).join(', ')}.`);
  process.exit(2);
}

const results = [];
for (const [name, run] of PARTS.filter(([part]) => wanted.length === 0 || wanted.includes(part))) {
  console.log(`\n── ${name} ${'─'.repeat(Math.max(0, 70 - name.length))}`);
  const began = performance.now();
  const result = await run();
  results.push({ name, ...result, seconds: (performance.now() - began) / 1000 });
}
rmSync(REPORTS, { recursive: true, force: true });
report(results);

function report(all) {
  const total = (what) => all.reduce((sum, result) => sum + result[what], 0);
  console.log('\n── summary ' + '─'.repeat(63));
  for (const { name, passed, failed, skipped, seconds } of all) {
    const skips = skipped > 0 ? `, ${skipped} skipped` : '';
    console.log(`${name.padEnd(10)}${passed} passed, ${failed} failed${skips} (${seconds.toFixed(1)} s)`);
  }
  for (const line of all.flatMap(({ failures }) => failures)) console.log(`failed:  ${line}`);
  for (const line of all.flatMap(({ skips }) => skips)) console.log(`skipped: ${line}`);
  const nothingRan = wanted.length === 0 && total('executed') === 0;
  if (nothingRan) console.log('failed:  no test was executed');
  const failed = total('failed') + (nothingRan ? 1 : 0);
  process.exitCode = failed > 0 ? 1 : 0;
  console.log(`${total('passed')} passed, ${failed} failed${total('skipped') > 0 ? `, ${total('skipped')} skipped` : ''}`);
}

/** Types and lint count as one each. */
async function command(script, ...args) {
  const ended = await run([script, ...args]);
  const ok = ended.code === 0;
  if (ok) console.log('nothing to object');
  return {
    passed: ok ? 1 : 0,
    failed: ok ? 0 : 1,
    skipped: 0,
    executed: 0,
    failures: ok ? [] : [`${script.split('/').pop()} ${ended.why}`],
    skips: [],
  };
}

async function jest(name, paths, ...options) {
  if (paths.length === 0) {
    console.log('no test files');
    return { passed: 0, failed: 0, skipped: 0, executed: 0, failures: [], skips: [] };
  }
  const outputFile = join(REPORTS, `${name}.json`);
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const ended = await run([...flags, 'node_modules/jest/bin/jest.js', ...options, '--json', `--outputFile=${outputFile}`, '--runTestsByPath', ...paths]);
  if (!existsSync(outputFile)) {
    return { passed: 0, failed: 1, skipped: 0, executed: 0, failures: [`${name}: jest ${ended.why} and wrote no report`], skips: [] };
  }
  return countOf(name, JSON.parse(readFileSync(outputFile, 'utf8')), ended);
}

function countOf(name, outcome, ended) {
  const tests = outcome.testResults.flatMap((suite) =>
    suite.assertionResults.map((test) => ({ ...test, at: `${relative(ROOT, suite.name)}: ${test.fullName}` })));
  const named = (...statuses) => tests.filter(({ status }) => statuses.includes(status)).map(({ at }) => at);
  const passed = named('passed');
  const failures = named('failed');
  const skips = named('pending', 'todo', 'skipped', 'disabled');
  // A file that does not load has no tests to count, and must not pass for that.
  for (const suite of outcome.testResults) {
    if (suite.status === 'failed' && !suite.assertionResults.some(({ status }) => status === 'failed')) {
      failures.push(`${relative(ROOT, suite.name)}: the file could not run`);
    }
  }
  if (ended.code !== 0 && failures.length === 0) failures.push(`${name}: jest ${ended.why}`);
  return { passed: passed.length, failed: failures.length, skipped: skips.length, executed: passed.length + failures.length, failures, skips };
}

/** Resolves with how a child of this same Node ended; what it prints goes straight through. */
function run(args) {
  return new Promise((resolve) => {
    // Jest's own JSON goes to the report file only: its standard output is dropped, the progress is on standard error.
    const quiet = args.some((arg) => arg.startsWith('--outputFile='));
    const child = spawn(node, args, { cwd: ROOT, stdio: ['ignore', quiet ? 'ignore' : 'inherit', 'inherit'] });
    const deadline = setTimeout(() => child.kill('SIGKILL'), LONGEST_PART_MS);
    child.once('error', (error) => resolve({ code: 1, why: `could not be started: ${error.message}` }));
    child.once('exit', (code, signal) => {
      clearTimeout(deadline);
      resolve({ code: code ?? 1, why: signal ? `was ended by ${signal}` : `ended with code ${code}` });
    });
  });
}

function testFiles(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .sort();
}

/** `domain` for `test/domain/…`; empty for a file directly in `test/`. */
function kindOf(file) {
  const [, kind, ...rest] = file.split(sep);
  return rest.length > 0 ? kind : '';
}

/** npm scripts find the pinned Node by themselves; `node test/check.mjs` on an old machine must too. */
function newEnoughNode() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  const pinned = join(ROOT, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node');
  if (existsSync(pinned)) return pinned;
  console.error(`Fleetgate needs Node 24 or newer; this is ${process.version}. Run npm ci (it brings one on Linux) or install it from nodejs.org.`);
  process.exit(1);
}
