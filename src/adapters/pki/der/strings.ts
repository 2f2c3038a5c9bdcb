import { isUtf8 } from 'node:buffer';
import type { NameAttribute } from '../../../domain/certificates/distinguished-name.ts';
import { notDer } from './der-fault.ts';
import type { DerNode } from './der-node.ts';

const UTF8 = 0x0c;
const NUMERIC = 0x12;
const PRINTABLE = 0x13;
const T61 = 0x14;
const IA5 = 0x16;
const VISIBLE = 0x1a;
const UNIVERSAL = 0x1c;
const BMP = 0x1e;

const NAMES: Readonly<Record<number, string>> = {
  [UTF8]: 'UTF8String',
  [NUMERIC]: 'NumericString',
  [PRINTABLE]: 'PrintableString',
  [IA5]: 'IA5String',
  [VISIBLE]: 'VisibleString',
  [UNIVERSAL]: 'UniversalString',
  [BMP]: 'BMPString',
};

export const isStringTag = (tag: number): boolean => NAMES[tag] !== undefined;

/** X.680 §41.4; `*`, `@`, `_` and `&` are not among them. */
const PRINTABLE_BYTES = alphabet(/[A-Za-z0-9 '()+,\-./:=?]/);
const ALPHABETS: Readonly<Record<number, readonly boolean[]>> = {
  [NUMERIC]: alphabet(/[0-9 ]/),
  [PRINTABLE]: PRINTABLE_BYTES,
  [IA5]: alphabet(/[\u0000-\u007f]/),
  [VISIBLE]: alphabet(/[ -~]/),
};

function alphabet(letters: RegExp): readonly boolean[] {
  return Array.from({ length: 256 }, (_, byte) => letters.test(String.fromCharCode(byte)));
}

/** Refuses what the type of string has no character for (D-18). */
export function checkString(bytes: Buffer, tag: number, content: number, end: number): void {
  const letters = ALPHABETS[tag];
  if (letters) {
    for (let at = content; at < end; at++) if (!letters[bytes[at]!]) illegal(tag, at);
  } else if (tag === UTF8) {
    if (!isUtf8(bytes.subarray(content, end))) illegal(tag, content);
  } else if (tag === BMP) {
    if ((end - content) % 2 !== 0) illegal(tag, content);
    for (let at = content; at < end; at += 2) if (isSurrogate(bytes.readUInt16BE(at))) illegal(tag, at);
  } else if (tag === UNIVERSAL) {
    if ((end - content) % 4 !== 0) illegal(tag, content);
    for (let at = content; at < end; at += 4) {
      const code = bytes.readUInt32BE(at);
      if (code > 0x10_ffff || isSurrogate(code)) illegal(tag, at);
    }
  }
}

/** A BMPString is UCS-2: it has no pairs, so half a pair, or a pair, is no character of it. */
const isSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdfff;

function illegal(tag: number, offset: number): never {
  return notDer(`bytes of a string are no character of its type, ${NAMES[tag]}`, offset);
}

/** Decodes the value of a name's attribute; what is no string we name is kept as the hex of its DER. */
export function attributeValue(bytes: Buffer, { tag, start, content, end }: DerNode): Pick<NameAttribute, 'stringType' | 'value'> {
  switch (tag) {
    case UTF8:
      return { stringType: 'UTF8String', value: bytes.toString('utf8', content, end) };
    case PRINTABLE:
      return { stringType: 'PrintableString', value: bytes.toString('latin1', content, end) };
    case IA5:
      return { stringType: 'IA5String', value: bytes.toString('latin1', content, end) };
    case BMP:
      return { stringType: 'BMPString', value: codes(content, end, 2, (at) => bytes.readUInt16BE(at)) };
    case UNIVERSAL:
      return { stringType: 'UniversalString', value: codes(content, end, 4, (at) => bytes.readUInt32BE(at)) };
    case T61:
      // What a T61String means depends on escapes nobody implements alike. Latin-1 loses no byte; identity refuses the type (D-8).
      return { stringType: 'T61String', value: bytes.toString('latin1', content, end) };
    default:
      return { stringType: 'other', value: bytes.toString('hex', start, end) };
  }
}

function codes(content: number, end: number, width: number, read: (at: number) => number): string {
  let text = '';
  for (let at = content; at < end; at += width) text += String.fromCodePoint(read(at));
  return text;
}
