import { setTimeout as pause } from 'node:timers/promises';

const LONGEST_MS = 20_000;

/** Looks until `isSo`, and fails after a while. For what tells nobody that it has come: an event is awaited instead where there is one. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>, longestMs = LONGEST_MS): Promise<void> {
  for (const end = performance.now() + longestMs; !(await isSo()); await pause(10)) if (performance.now() > end) throw new Error(`${what}: not within ${longestMs} ms`);
}
