import type { FileKeySeal } from './file-key-seal.ts';
import { sealAnew, type KeysAtRest } from './keys-at-rest.ts';
import type { KeyStore, RawKeyStore } from './key-store.ts';
import { openKeysIn } from './sealed-text.ts';
import type { SealingKey } from './sealing-keys.ts';
import type { KeyRecord } from './signing-key.ts';

/**
 * Puts a seal on the private half of every record of another store. What lies there in clear, or under a former key, is sealed under the
 * first key at the start, once all of it could be opened; where one cannot be, nothing is written.
 */
export class SealingKeyStore implements KeyStore {
  readonly place: string;
  readonly #store: RawKeyStore;
  readonly #seal: FileKeySeal;

  constructor({ store, seal }: { readonly store: RawKeyStore; readonly seal: FileKeySeal }) {
    this.place = store.place;
    this.#store = store;
    this.#seal = seal;
  }

  async load(): Promise<readonly KeyRecord[]> {
    return (await this.#store.load()).map((record) => openRecord(record, this.#seal.keys(), this.place));
  }

  /** Not with every look: nodes whose files name the keys in another order would not stop sealing each other's records anew. */
  async putInOrder(): Promise<void> {
    const stored = await this.#store.load();
    await sealAnew(recordsAtRest(stored, this.#store), this.#seal.keys());
  }

  async save(record: KeyRecord): Promise<void> {
    const { kid, privateKey } = record;
    await this.#store.save(privateKey === undefined ? record : { ...record, privateKey: this.#seal.close(privateKey, kid) });
  }

  remove(kid: string): Promise<void> {
    return this.#store.remove(kid);
  }
}

/** The private halves among the records of a store. */
export const recordsAtRest = (records: readonly KeyRecord[], store: Pick<RawKeyStore, 'place' | 'replace'>): readonly KeysAtRest[] =>
  records.flatMap((record) => {
    const { kid, privateKey } = record;
    if (privateKey === undefined) return [];
    return [{ place: placeOf(record, store.place), text: privateKey, about: kid, replace: (next) => store.replace(record, { ...record, privateKey: next }) }];
  });

/** A stored record with its private half in clear. @throws a sentence that says which key is missing */
export function openRecord(record: KeyRecord, keys: readonly SealingKey[], place: string): KeyRecord {
  const { kid, privateKey } = record;
  if (privateKey === undefined) return record;
  try {
    return { ...record, privateKey: openKeysIn(privateKey, kid, keys) };
  } catch (error) {
    throw new Error(`the key ${placeOf(record, place)} cannot be opened: ${(error as Error).message}`, { cause: error });
  }
}

const placeOf = ({ kid }: KeyRecord, place: string): string => `${kid.slice(0, 64)} in ${place}`;
