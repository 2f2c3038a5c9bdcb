/** The suites are ES modules in TypeScript; swc strips the types just as node does, so what is tested is what runs. */
export default {
  testEnvironment: 'node',
  globalSetup: '<rootDir>/test/support/test-run.mjs',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        jsc: { target: 'es2024', parser: { syntax: 'typescript' } },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  testTimeout: 30_000,
};
