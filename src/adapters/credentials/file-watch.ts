import { stat } from 'node:fs/promises';

export interface WatchTimes {
  readonly pollMs: number;
  /** Quiet time after a change before it is told: two files are seldom written in the same moment. */
  readonly settleMs: number;
}

/** What tells one state of the files from another, without reading them. Files that cannot be seen are a state too. */
export async function stateOf(files: readonly string[]): Promise<string> {
  const states = files.map((file) =>
    stat(file, { bigint: true }).then(
      ({ dev, ino, size, mtimeNs, ctimeNs }) => [dev, ino, size, mtimeNs, ctimeNs].join(':'),
      (error: NodeJS.ErrnoException) => String(error.code),
    ),
  );
  return (await Promise.all(states)).join(' ');
}

/**
 * Calls `changed` after any of `files` is no longer as it was in the state `since`. Returns a function that ends it.
 *
 * It polls by path, which follows symbolic links: so it sees a rename over the file, the swapped `..data` directory of a Kubernetes secret,
 * certbot's re-pointed links, and network file systems, each of which escapes a watch on the file itself. The state is the caller's, taken
 * before it read the files, because `fs.watchFile` misses what changes before its own first look.
 */
export function watchFiles(files: readonly string[], since: string, { pollMs, settleMs }: WatchTimes, changed: () => void): () => void {
  let known = since;
  let unsettled = false;
  let ended = false;
  let timer: NodeJS.Timeout | undefined;
  const lookIn = (ms: number): void => {
    if (!ended) timer = setTimeout(() => void look(), ms).unref();
  };
  const look = async (): Promise<void> => {
    const state = await stateOf(files);
    if (ended) return;
    if (state !== known) {
      known = state;
      unsettled = true;
      return lookIn(settleMs);
    }
    if (unsettled) changed();
    unsettled = false;
    lookIn(pollMs);
  };
  lookIn(pollMs);
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}
