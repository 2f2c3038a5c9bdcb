import { unwatchFile, watchFile } from 'node:fs';

export interface WatchTimes {
  readonly pollMs: number;
  /** Quiet time after a change before it is told: two files are seldom written in the same moment. */
  readonly settleMs: number;
}

/**
 * Calls `changed` after any of `files` became another file, or the same with other content. Returns a function that ends it.
 *
 * It polls by path, which follows symbolic links: so it sees a rename over the file, the swapped `..data` directory of a Kubernetes secret,
 * certbot's re-pointed links, and network file systems, each of which escapes a watch on the file itself.
 */
export function watchFiles(files: readonly string[], { pollMs, settleMs }: WatchTimes, changed: () => void): () => void {
  let settle: NodeJS.Timeout | undefined;
  const seen = (): void => {
    clearTimeout(settle);
    settle = setTimeout(changed, settleMs).unref();
  };
  for (const file of files) watchFile(file, { interval: pollMs, persistent: false }, seen);
  return () => {
    clearTimeout(settle);
    for (const file of files) unwatchFile(file, seen);
  };
}
