import { chmodSync, closeSync, existsSync, fsyncSync, linkSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { openForReading } from './sqlite-file.ts';

/**
 * Copies the database into `target`, whole and as of one moment, while a server may be writing to it: SQLite's `vacuum into` on a connection
 * that reads. The copy is mode 0600, is on the disk when this returns, and appears under its name only when it is whole and sound.
 *
 * @throws a sentence that says what to do; then there is no `target` that was not there before
 */
export function backUp({ file, target }: { readonly file: string; readonly target: string }): void {
  if (!existsSync(file)) throw new Error(`There is no database ${file}. Name the folder that FLEETGATE_DATA_DIR names.`);
  if (existsSync(target)) throw new Error(`${target} is there already, and a backup never overwrites. Name another file.`);
  const draft = `${target}.draft-${process.pid}`;
  try {
    closeSync(openSync(draft, 'wx', 0o600)); // SQLite fills an empty file, and leaves its mode
    chmodSync(draft, 0o600);
    const db = openForReading(file);
    try {
      db.pragma('busy_timeout = 10000');
      db.prepare('vacuum into ?').run(draft);
    } finally {
      db.close();
    }
    const wrong = faultsIn(draft);
    if (wrong.length > 0) throw new Error(`the copy is damaged: ${wrong[0]}. Run fleetgate doctor on the original`);
    sync(draft);
    linkSync(draft, target); // fails where somebody else made one meanwhile
    sync(dirname(target));
  } catch (error) {
    throw new Error(`The backup could not be made: ${(error as Error).message}.`, { cause: error });
  } finally {
    rmSync(draft, { force: true });
  }
}

/** What SQLite finds wrong with a file; nothing where it is sound. */
export function faultsIn(file: string): readonly string[] {
  const db = openForReading(file);
  try {
    const found = db.prepare('pragma integrity_check(10)').all() as { integrity_check: string }[];
    return found.map(({ integrity_check: line }) => line).filter((line) => line !== 'ok');
  } finally {
    db.close();
  }
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}
