import { nameText, type DistinguishedName } from './distinguished-name.ts';

/**
 * A name of a subjectAltName or of a name constraint (RFC 5280 §4.2.1.6). Texts are as encoded, in the characters of IA5String.
 * An `ip` of a name has 4 or 16 bytes, one of a constraint 8 or 32 (address, then mask); other lengths are kept and match nothing.
 */
export type GeneralName =
  | { readonly form: 'dns' | 'email' | 'uri'; readonly value: string }
  | { readonly form: 'ip'; readonly bytes: Uint8Array }
  | { readonly form: 'directory'; readonly name: DistinguishedName }
  /** otherName, x400Address, ediPartyName, registeredID and whatever comes later; `tag`, the identifier byte, tells them apart. */
  | { readonly form: 'other'; readonly tag: number };

/** RFC 5280 §4.2.1.10. */
export interface NameConstraints {
  readonly permitted: readonly GeneralName[];
  readonly excluded: readonly GeneralName[];
}

const LONGEST_TEXT = 100;

/** For evidence: `DNS plant.example.com`. */
export function generalNameText(name: GeneralName): string {
  switch (name.form) {
    case 'dns':
    case 'email':
    case 'uri':
      return `${name.form.toUpperCase()} ${printable(name.value)}`;
    case 'ip':
      return `IP ${[...name.bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
    case 'directory':
      return `DN ${nameText(name.name).slice(0, LONGEST_TEXT)}`;
    case 'other':
      return `a name with the tag 0x${name.tag.toString(16)}`;
  }
}

const printable = (text: string): string =>
  `"${text.slice(0, LONGEST_TEXT).replace(/[^ -~]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)}"`;
