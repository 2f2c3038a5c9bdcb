import { openKeysIn, sealKeysIn, sealsIn } from './sealed-text.ts';
import type { SealingKey } from './sealing-keys.ts';

/** A text with private keys, where it lies. */
export interface KeysAtRest {
  /** Words for messages: the file, or the row of the table. */
  readonly place: string;
  readonly text: string;
  /** What the seal is bound to. */
  readonly about: string;
  /** A sentence on what to do where it cannot be opened. */
  readonly remedy?: string;
  /** Puts `text` in its place as a whole, durably. Resolves with false where something else lies there by now, which then stays. */
  readonly replace: (text: string) => Promise<boolean>;
}

/** How many private keys lie under which key; undefined stands for those in clear. */
export type SealCount = ReadonlyMap<string | undefined, number>;

export function countSeals(all: readonly KeysAtRest[]): SealCount {
  const count = new Map<string | undefined, number>();
  for (const id of all.flatMap(({ text }) => sealsIn(text))) count.set(id, (count.get(id) ?? 0) + 1);
  return count;
}

/** Those with a private key that is in clear, or under another key than this one. */
export const notUnder = (id: string, all: readonly KeysAtRest[]): readonly KeysAtRest[] => all.filter(({ text }) => sealsIn(text).some((found) => found !== id));

/**
 * Seals under the first of `keys` whatever is not; nothing where there are no keys. All of it is opened before any is written.
 * Resolves with what was sealed. @throws a sentence that names what cannot be opened
 */
export async function sealAnew(all: readonly KeysAtRest[], keys: readonly SealingKey[]): Promise<readonly KeysAtRest[]> {
  for (const each of all) checkOpens(each, keys);
  const [first, ...others] = keys;
  if (!first) return [];
  const sealed: KeysAtRest[] = [];
  for (const each of notUnder(first.id, all)) if (await each.replace(sealKeysIn(each.text, each.about, [first, ...others]))) sealed.push(each);
  return sealed;
}

/** @throws a sentence that names what cannot be opened, why, and what to do */
export function checkOpens({ place, text, about, remedy }: KeysAtRest, keys: readonly SealingKey[]): void {
  try {
    openKeysIn(text, about, keys);
  } catch (error) {
    throw new Error(`the key ${place} cannot be opened: ${(error as Error).message}${remedy ? `. ${remedy}` : ''}`, { cause: error });
  }
}
