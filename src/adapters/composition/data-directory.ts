import { chmod, mkdir, readdir, stat } from 'node:fs/promises';
import type { Log } from '../../ports/driven/log.ts';

/** Makes the data directory, for its owner only. One that was there and is empty is closed to others; one in use is left as it is, with a warning. */
export async function prepareDataDirectory(directory: string, log: Log): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const { mode } = await stat(directory);
    if ((mode & 0o077) === 0) return;
    const isEmpty = (await readdir(directory)).length === 0;
    if (isEmpty) await chmod(directory, 0o700);
    else log.warn({ directory, mode: (mode & 0o777).toString(8) }, `Others may look into the data directory. If it is Fleetgate's alone: chmod 700 ${directory}`);
  } catch (error) {
    throw new Error(
      `The data directory ${directory} cannot be used (${(error as Error).message}). Make it a directory that this user may write to, or name another one in FLEETGATE_DATA_DIR.`,
      { cause: error },
    );
  }
}
