import { isDeepStrictEqual } from 'node:util';
import type { SharedSecrets } from '../../ports/driven/shared-secrets.ts';
import type { RawKeyStore } from './key-store.ts';
import type { KeyRecord } from './signing-key.ts';

/** Keys in what all nodes share. */
export class SharedKeyStore implements RawKeyStore {
  readonly place = 'the table signing_key';
  readonly #secrets: SharedSecrets;

  constructor({ secrets }: { readonly secrets: SharedSecrets }) {
    this.#secrets = secrets;
  }

  async load(): Promise<readonly KeyRecord[]> {
    return [...(await this.#secrets.all())].map(([kid, text]) => recordIn(kid, text));
  }

  async save(record: KeyRecord): Promise<void> {
    await this.#secrets.put(record.kid, JSON.stringify(record));
  }

  async replace(former: KeyRecord, next: KeyRecord): Promise<boolean> {
    const text = (await this.#secrets.all()).get(former.kid);
    if (text === undefined || !isDeepStrictEqual(recordIn(former.kid, text), former)) return false;
    return this.#secrets.replace(former.kid, text, JSON.stringify(next));
  }

  async remove(kid: string): Promise<void> {
    await this.#secrets.remove(kid);
  }
}

/** What JSON.parse says quotes the text, which is a private key. */
function recordIn(kid: string, text: string): KeyRecord {
  try {
    return JSON.parse(text) as KeyRecord;
  } catch {
    throw new Error(`the key ${kid} in the table signing_key is not JSON`);
  }
}
