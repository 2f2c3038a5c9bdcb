import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ThrowAwayFolder {
  readonly path: string;
  /** Safe to call twice. */
  remove(): void;
}

/** A temporary folder for this user only, which is gone at the latest when the process exits. */
export function throwAwayFolder(what: string): ThrowAwayFolder {
  const path = mkdtempSync(join(tmpdir(), `fleetgate-${what}-`));
  const remove = (): void => rmSync(path, { recursive: true, force: true });
  process.once('exit', remove);
  return { path, remove };
}
