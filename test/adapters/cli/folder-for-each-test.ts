import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from '@jest/globals';

export interface FolderForEachTest {
  /** An empty folder; another one in the next test. */
  path(): string;
  /** Writes a file there; resolves with its path. */
  fileOf(name: string, content: string | Uint8Array): Promise<string>;
}

/** For the tests of one file or group. */
export function folderForEachTest(): FolderForEachTest {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fleetgate-cli-'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  return {
    path: () => folder,
    fileOf: async (name, content) => {
      await writeFile(join(folder, name), content);
      return join(folder, name);
    },
  };
}
