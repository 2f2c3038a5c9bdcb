/**
 * Mutation testing of the certificate rules by Stryker, `npm run stryker` (minutes; test/README.md has the figures). Every operator, condition, call and text of
 * `src/domain/certificates` is changed once, and the tests beside it must notice. One file: `npm run stryker -- --mutate 'src/domain/certificates/match-names.ts'`.
 * The sources are not touched: a copy in the system's temp folder is. Nothing is sent anywhere.
 */
import { setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';

const OUTPUT = 'node_modules/.cache/stryker';

// Both cores for minutes: whoever else works on this machine comes first. The children inherit it.
setPriority(19);

export default {
  mutate: ['src/domain/certificates/**/*.ts'],
  testRunner: 'jest',
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  jest: {
    configFile: 'jest.config.mjs',
    // The mirror folder alone: a rule that only a use case's test or a journey holds is a rule without a test of its own. The other roots
    // let jest find which of those tests import the mutated file: that halves the time.
    config: { roots: ['<rootDir>/src/domain', '<rootDir>/test/domain/certificates', '<rootDir>/test/support'], watchman: false },
    enableFindRelatedTests: true,
  },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  // Generous, for a busy machine must not pass for an endless loop.
  timeoutMS: 30_000,
  dryRunTimeoutMinutes: 3,
  // Not under node_modules, where jest neither looks for tests nor strips types.
  cleanTempDir: 'always',
  tempDirName: join(tmpdir(), `fleetgate-stryker-${process.pid}`),
  ignorePatterns: ['**', '!src/**', '!test/**', '!package.json', '!jest.config.mjs'],
  allowConsoleColors: false,
  reporters: ['clear-text', 'progress-append-only', 'json', 'html'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  jsonReporter: { fileName: `${OUTPUT}/mutation.json` },
  htmlReporter: { fileName: `${OUTPUT}/mutation.html` },
  incrementalFile: `${OUTPUT}/incremental.json`,
  thresholds: { high: 98, low: 95, break: 95 },
};
