import { token } from '../token.ts';

/**
 * Closes private keys for the file in which they lie, and opens them again.
 *
 * - Only the private keys in a PEM text are closed; what stands around them stays as it is, and so does a text without any.
 * - What was closed about one thing opens about no other, and not after a change.
 * - Where the operator named no sealing key, `close` changes nothing.
 * - What lies in clear opens as it is, whatever the operator named.
 * - Both throw a sentence that says what to do, and tells no key.
 */
export interface KeySeal {
  /** `about` names the thing that the text is kept as, such as its path in the data directory. */
  close(pem: string, about: string): string;
  open(text: string, about: string): string;
}

export const KeySeal = token<KeySeal>('KeySeal');
