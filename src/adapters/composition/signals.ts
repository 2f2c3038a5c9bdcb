import { constants } from 'node:os';

const ENDING = ['SIGTERM', 'SIGINT'] as const;
/** Ctrl-C in a terminal reaches the whole group, and npm passes it on as well: within this time it is still the same one. */
const SAME_SIGNAL_MS = 300;

/** Resolves with the first signal that asks the program to end. A second one ends it at once, after `before`. */
export function endingSignal(before: () => void = () => undefined): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let first: number | undefined;
    for (const signal of ENDING) {
      process.on(signal, () => {
        if (first === undefined) {
          first = performance.now();
          resolve(signal);
        } else if (performance.now() - first > SAME_SIGNAL_MS) {
          before();
          process.exit(128 + constants.signals[signal]);
        }
      });
    }
  });
}
