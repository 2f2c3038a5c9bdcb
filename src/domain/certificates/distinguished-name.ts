/**
 * Names of certificates: an ordered list of RDNs, each a set of attributes (RFC 5280 §4.1.2.4).
 * `key` is what two names are compared by (RFC 5280 §7.1); `text` is for people only and decides nothing.
 */
export interface DistinguishedName {
  /** As encoded, first RDN first. */
  readonly rdns: readonly (readonly NameAttribute[])[];
  readonly key: NameKey;
}

export interface NameAttribute {
  /** Dotted decimal OID: `2.5.4.3` is the common name. */
  readonly type: string;
  readonly stringType: StringType;
  /** Decoded text; for `other`, the DER of the value in lower-case hex. */
  readonly value: string;
}

export type StringType =
  | 'UTF8String'
  | 'PrintableString'
  | 'IA5String'
  | 'BMPString'
  | 'T61String'
  | 'UniversalString'
  | 'other';

/** Equal exactly when two names match under RFC 5280 §7.1. Made by `nameKeyOf` only. */
export type NameKey = string & { readonly __brand: 'NameKey' };

export const COMMON_NAME = '2.5.4.3';

/** Builds a name with its comparison key. */
export function distinguishedName(rdns: readonly (readonly NameAttribute[])[]): DistinguishedName {
  return { rdns, key: nameKeyOf(rdns) };
}

/**
 * RFC 5280 §7.1 and RFC 4518 as far as certificates need it: case is folded, white space inside is folded to one space and trimmed,
 * the string type does not matter, and the order of attributes inside one RDN does not either (it is a SET). Values of a type that is
 * no string are compared by their bytes.
 */
function nameKeyOf(rdns: readonly (readonly NameAttribute[])[]): NameKey {
  const key = rdns.map((rdn) => rdn.map(attributeKey).sort().join('\u0002')).join('\u0001');
  return key as NameKey;
}

/** The comparison keys of the RDNs, first RDN first: a name lies below another when it begins with the other's. */
export const rdnKeys = ({ rdns, key }: DistinguishedName): readonly string[] => (rdns.length === 0 ? [] : key.split('\u0001'));

/** UTF-16 units. RFC 5280 appendix A.1 allows a common name 64 characters; normalising can make one character eighteen. */
const LONGEST_FOLDED = 256;

/** Of a normalised value beyond the value itself. Real names grow by a few; some single characters make eighteen. */
const MOST_GROWTH = 32;

/** What nearly every value is: printable ASCII, words one space apart. */
const PLAIN = /^[!-[\]-~]+(?: [!-[\]-~]+)*$/;

function attributeKey({ type, stringType, value }: NameAttribute): string {
  if (stringType === 'other') return `${type}#${value}`;
  if (value.length <= LONGEST_FOLDED && PLAIN.test(value)) return `${type}=${value.toLowerCase()}`;
  return `${type}=${withoutSeparators(folded(value))}`;
}

/** A value that no CA would write is compared as it stands, so that a hostile one costs no more than its length. */
function folded(value: string): string {
  if (value.length > LONGEST_FOLDED) return value;
  const normal = value.normalize('NFKC');
  return normal.length > value.length + MOST_GROWTH ? value : normal.toLowerCase().replace(/\s+/gu, ' ').trim();
}

/** No value may look like the end of itself: two different names would get one key. NUL goes as well, which PostgreSQL does not store. */
const withoutSeparators = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('\u0000', '\\0').replaceAll('\u0001', '\\1').replaceAll('\u0002', '\\2');

const SHORT_NAMES: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.4': 'SURNAME',
  '2.5.4.5': 'SERIALNUMBER',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '0.9.2342.19200300.100.1.25': 'DC',
  '0.9.2342.19200300.100.1.1': 'UID',
  '1.2.840.113549.1.9.1': 'EMAILADDRESS',
};

/**
 * The text form the compatible API prints: last RDN first, `", "` between them (RFC 4514 order, as Java writes it).
 * Characters that would change the meaning of the text are escaped.
 */
export function nameText({ rdns }: Pick<DistinguishedName, 'rdns'>): string {
  return [...rdns]
    .reverse()
    .map((rdn) => rdn.map(({ type, value }) => `${SHORT_NAMES[type] ?? type}=${escaped(value)}`).join('+'))
    .join(', ');
}

/** The same of a key, whose values are folded: for people who look at a list, never for a comparison. */
export function nameKeyText(key: NameKey): string {
  const attribute = (text: string): string => {
    const at = text.search(/[=#]/);
    const type = text.slice(0, at);
    return `${SHORT_NAMES[type] ?? type}=${escaped(text.slice(at + 1))}`;
  };
  return key.split('\u0001').reverse().map((rdn) => rdn.split('\u0002').map(attribute).join('+')).join(', ');
}

/** Characters of a name in evidence: enough to recognise it, too few to fill a log. */
const SHORT = 160;

/** The beginning of `nameText`, in quotes, for evidence. It costs no more than it shows, for a search may ask for it hundreds of times. */
export function shortNameText({ rdns }: DistinguishedName): string {
  const last = rdns.slice(-SHORT).map((rdn) => rdn.slice(0, SHORT).map((it) => ({ ...it, value: it.value.slice(0, SHORT + 1) })));
  const text = nameText({ rdns: last });
  return `"${text.length > SHORT ? `${text.slice(0, SHORT)}…` : text}"`;
}

const escaped = (value: string): string =>
  value
    .replace(/[,+"\\<>;=]/g, '\\$&')
    .replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, (c) => `\\${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
