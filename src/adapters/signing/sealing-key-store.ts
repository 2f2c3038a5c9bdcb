import type { KeyStore } from './key-store.ts';
import { seal, sealedUnder, unseal, type SealingKey } from './sealing-keys.ts';
import type { KeyRecord } from './signing-key.ts';

/**
 * Puts a seal on the private half of every record of another store. What lies there in clear, or under a former key, is sealed anew under the
 * first key at the start, once all of it could be opened; where one cannot be, nothing is written.
 */
export class SealingKeyStore implements KeyStore {
  readonly place: string;
  readonly #store: KeyStore;
  readonly #keys: readonly SealingKey[];

  /** Without keys, it opens nothing and seals nothing, and says so of what is sealed. */
  constructor({ store, keys }: { readonly store: KeyStore; readonly keys: readonly SealingKey[] }) {
    this.place = store.place;
    this.#store = store;
    this.#keys = keys;
  }

  async load(): Promise<readonly KeyRecord[]> {
    return (await this.#store.load()).map((record) => openRecord(record, this.#keys, this.place));
  }

  /** Not with every look: between it and the write another process may have taken the private half away, which would be there again. */
  async putInOrder(): Promise<void> {
    const stored = await this.#store.load();
    const opened = stored.map((record) => openRecord(record, this.#keys, this.place));
    const [first] = this.#keys;
    for (const [i, { privateKey }] of stored.entries()) if (first && privateKey !== undefined && sealedUnder(privateKey) !== first.id) await this.save(opened[i]!);
  }

  async save(record: KeyRecord): Promise<void> {
    const [first] = this.#keys;
    await this.#store.save(first && record.privateKey !== undefined ? { ...record, privateKey: seal(record.privateKey, record.kid, first) } : record);
  }

  remove(kid: string): Promise<void> {
    return this.#store.remove(kid);
  }
}

/** A stored record with its private half in clear. @throws a sentence that says which key is missing */
export function openRecord(record: KeyRecord, keys: readonly SealingKey[], place: string): KeyRecord {
  const { kid, privateKey } = record;
  if (privateKey === undefined || sealedUnder(privateKey) === undefined) return record;
  try {
    return { ...record, privateKey: unseal(privateKey, kid, keys) };
  } catch (error) {
    throw new Error(`the key ${kid.slice(0, 64)} in ${place} cannot be opened: ${(error as Error).message}`, { cause: error });
  }
}
