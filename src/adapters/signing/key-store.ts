import { isDeepStrictEqual } from 'node:util';
import type { KeyRecord } from './signing-key.ts';

/** Where a key ring is kept. */
export interface KeyStore {
  /** Words for messages: where a person would look for the keys. */
  readonly place: string;
  /** Rejects where any key is there and cannot be read: a ring with a gap would refuse good tokens without a word. */
  load(): Promise<readonly KeyRecord[]>;
  /** For the start: puts what lies there otherwise than `save` would as `save` would. Where one record cannot be read, nothing is written. */
  putInOrder?(): Promise<void>;
  /** Resolves when the record is safe; replaces the one of the same kid as a whole or not at all. */
  save(record: KeyRecord): Promise<void>;
  remove(kid: string): Promise<void>;
}

/** A store whose records may be sealed anew while other processes use it. */
export interface RawKeyStore extends KeyStore {
  /** As `save`, and with false where what is there is no longer `former`; then that stays. */
  replace(former: KeyRecord, next: KeyRecord): Promise<boolean>;
}

/** Keys that end with the process. */
export class MemoryKeyStore implements RawKeyStore {
  readonly place = 'memory';
  readonly #records = new Map<string, KeyRecord>();

  async load(): Promise<readonly KeyRecord[]> {
    return [...this.#records.values()];
  }

  async save(record: KeyRecord): Promise<void> {
    this.#records.set(record.kid, record);
  }

  async replace(former: KeyRecord, next: KeyRecord): Promise<boolean> {
    if (!isDeepStrictEqual(this.#records.get(former.kid), former)) return false;
    this.#records.set(former.kid, next);
    return true;
  }

  async remove(kid: string): Promise<void> {
    this.#records.delete(kid);
  }
}
