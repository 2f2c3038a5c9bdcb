import { seal, sealedUnder, unseal, type SealingKey } from './sealing-keys.ts';

const CLEAR_KEYS = /-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*?-----END [A-Z ]*PRIVATE KEY-----/g;
/** Each stands in a line of its own. */
const SEALED_KEYS = /^sealed-1:\S*$/gm;

/** Seals each private key in a PEM text, and opens what was sealed before. @throws a sentence where none of `keys` opens it */
export const sealKeysIn = (text: string, about: string, keys: readonly [SealingKey, ...SealingKey[]]): string =>
  openKeysIn(text, about, keys).replace(CLEAR_KEYS, (pem) => seal(pem, about, keys[0]));

/** The PEM text with its private keys in clear. @throws a sentence where none of `keys` opens it */
export const openKeysIn = (text: string, about: string, keys: readonly SealingKey[]): string =>
  text.replace(SEALED_KEYS, (sealed) => unseal(sealed, about, keys));

/** How each private key in the text lies: the id of the key it is sealed under, or undefined for one in clear. */
export const sealsIn = (text: string): readonly (string | undefined)[] => [
  ...[...text.matchAll(SEALED_KEYS)].map(([sealed]) => sealedUnder(sealed)),
  ...[...text.matchAll(CLEAR_KEYS)].map(() => undefined),
];
