import { open } from 'node:fs/promises';
import { join } from 'node:path';

const MOST_BYTES = 64 * 1024 * 1024;

/** Sets aside an event that the receiver refuses for good, as one line of `dead-letters.jsonl`. False where that file is full. */
export async function setAside(folder: string, event: Buffer, mostBytes = MOST_BYTES): Promise<boolean> {
  const file = await open(join(folder, 'dead-letters.jsonl'), 'a', 0o600);
  try {
    if ((await file.stat()).size + event.length > mostBytes) return false;
    await file.appendFile(Buffer.concat([event, Buffer.from('\n')]));
    await file.datasync();
    return true;
  } finally {
    await file.close();
  }
}
