import { mkdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';

/** A folder that belongs to one process for as long as that lives. */
export interface QueueSlot {
  readonly folder: string;
  letGo(): void;
}

const MOST_SLOTS = 256;

/**
 * The first slot of `folder` that no process holds: several processes on one data directory have a queue each.
 * @throws a sentence, where all are held
 */
export function claimSlot(folder: string): QueueSlot {
  for (let number = 0; number < MOST_SLOTS; number += 1) {
    const slot = tryToClaim(join(folder, String(number)));
    if (slot !== undefined) return slot;
  }
  throw new Error(`All ${MOST_SLOTS} queues in ${folder} belong to other processes. Is the same data directory used that often?`);
}

/** The folders of all slots, whoever holds them. */
export async function slotsOf(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => /^\d{1,3}$/.test(name)).map((name) => join(folder, name));
}

/** Undefined where another process holds it. Node has no file locks, SQLite does: the system takes one back however its process ends. */
export function tryToClaim(folder: string): QueueSlot | undefined {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = new Sqlite(join(folder, 'lock'), { timeout: 0 });
  try {
    lock.pragma('locking_mode = exclusive');
    lock.exec('begin exclusive');
    return { folder, letGo: () => void lock.close() };
  } catch (error) {
    lock.close();
    if ((error as { code?: string }).code === 'SQLITE_BUSY') return undefined;
    throw error;
  }
}
