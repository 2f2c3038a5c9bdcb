import type { KeySeal } from '../../ports/driven/key-seal.ts';
import { openKeysIn, sealKeysIn } from './sealed-text.ts';
import { readSealingKeys, type SealingKey } from './sealing-keys.ts';

/**
 * Seals under the keys in a file. The file is read anew each time, so that a server which runs while the operator changes the first key
 * does not go on sealing under the former one; while it cannot be read, what was read last counts.
 */
export class FileKeySeal implements KeySeal {
  readonly #file: string | undefined;
  #keys: readonly SealingKey[] = [];

  /** Without a file, it opens nothing and seals nothing. @throws a sentence where the file cannot be used */
  constructor({ file }: { readonly file?: string | undefined }) {
    this.#file = file;
    if (file !== undefined) this.#keys = readSealingKeys(file);
  }

  /** The first one seals, and all of them open. */
  keys(): readonly SealingKey[] {
    if (this.#file === undefined) return this.#keys;
    try {
      this.#keys = readSealingKeys(this.#file);
    } catch {
      // A file that is being written, or lies on a disk that is away: at the next start it is said.
    }
    return this.#keys;
  }

  close(pem: string, about: string): string {
    const [first, ...others] = this.keys();
    return first ? sealKeysIn(pem, about, [first, ...others]) : pem;
  }

  open(text: string, about: string): string {
    return openKeysIn(text, about, this.keys());
  }
}
