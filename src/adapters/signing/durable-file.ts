import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Puts a file in place as a whole or not at all, on the disk when it resolves, for its owner alone. `still` is asked at the last moment. */
export async function writeFileWhole(file: string, text: string, still: () => Promise<boolean> = async () => true): Promise<boolean> {
  const draft = `${file.replace(/\.json$/, '')}.${randomBytes(6).toString('hex')}.draft`;
  try {
    await writeDurably(draft, text);
    if (!(await still())) return false;
    await rename(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
  await syncFolder(dirname(file));
  return true;
}

/** Replaces a file where it still holds `former`. */
export const replaceFile = (file: string, former: string, next: string): Promise<boolean> =>
  writeFileWhole(file, next, async () => (await readFile(file, 'utf8').catch(() => undefined)) === former);

/** A rename is durable only when the folder is. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
