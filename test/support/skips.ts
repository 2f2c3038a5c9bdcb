/** The one place where tests are skipped: why stands in the title of each, and so in what a run prints. A machine that lacks nothing skips nothing. */
import { describe, it } from '@jest/globals';

type Test = () => Promise<void> | void;

/** `it`, unless there is a reason against it. */
export const itUnless = (why: string | undefined) => (title: string, test: Test, ms?: number): void =>
  // Skipped because `why` says what this machine lacks; it stands behind the title.
  why === undefined ? it(title, test, ms) : it.skip(skipped(title, why), test, ms);

/** `describe`, unless there is a reason against it. */
export const describeUnless = (why: string | undefined) => (title: string, tests: () => void): void =>
  // The same for a group.
  why === undefined ? describe(title, tests) : describe.skip(skipped(title, why), tests);

const skipped = (title: string, why: string): string => `${title} (skipped: ${why})`;
