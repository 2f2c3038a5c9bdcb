import { notDer } from './der-fault.ts';
import { checkString, isStringTag } from './strings.ts';
import { timeAt } from './times.ts';

/**
 * Checks the content of one primitive universal value by its type (D-18, X.690 §8 and §11).
 * Types that have no rule here (OCTET STRING, REAL, …) may hold any bytes.
 */
export function checkContent(bytes: Buffer, tag: number, content: number, end: number): void {
  switch (tag) {
    case 0x01:
      return checkBoolean(bytes, content, end);
    case 0x02: // INTEGER
    case 0x0a: // ENUMERATED
      return checkInteger(bytes, content, end);
    case 0x03:
      return checkBitString(bytes, content, end);
    case 0x05:
      if (content !== end) notDer('a NULL has content', content);
      return;
    case 0x06: // OBJECT IDENTIFIER
    case 0x0d: // RELATIVE-OID
      return checkObjectIdentifier(bytes, content, end);
    case 0x17: // UTCTime
    case 0x18: // GeneralizedTime
      timeAt(bytes, tag, content, end);
      return;
    default:
      if (isStringTag(tag)) checkString(bytes, tag, content, end);
  }
}

function checkBoolean(bytes: Buffer, content: number, end: number): void {
  if (end - content !== 1) notDer('a BOOLEAN is not one byte long', content);
  if (bytes[content] !== 0x00 && bytes[content] !== 0xff) notDer('a BOOLEAN is neither 00 nor FF', content);
}

/** X.690 §8.3.2: the first nine bits are not all equal. */
function checkInteger(bytes: Buffer, content: number, end: number): void {
  if (content === end) notDer('an INTEGER is empty', content);
  if (end - content === 1) return;
  const first = bytes[content]!;
  const second = bytes[content + 1]!;
  if ((first === 0x00 && second < 0x80) || (first === 0xff && second >= 0x80)) notDer('an INTEGER is padded', content);
}

/** X.690 §8.6.2, §11.2.1. */
function checkBitString(bytes: Buffer, content: number, end: number): void {
  if (content === end) notDer('a BIT STRING lacks the count of unused bits', content);
  const unused = bytes[content]!;
  if (unused > 7) notDer('a BIT STRING has more than 7 unused bits', content);
  if (unused === 0) return;
  if (end - content === 1) notDer('an empty BIT STRING has unused bits', content);
  if ((bytes[end - 1]! & ((1 << unused) - 1)) !== 0) notDer('an unused bit of a BIT STRING is set', end - 1);
}

/** X.690 §8.19.2: each arc ends, and begins without padding. */
function checkObjectIdentifier(bytes: Buffer, content: number, end: number): void {
  if (content === end) notDer('an OBJECT IDENTIFIER is empty', content);
  if (bytes[end - 1]! >= 0x80) notDer('an OBJECT IDENTIFIER is incomplete', content);
  for (let at = content, begins = true; at < end; at++) {
    const byte = bytes[at]!;
    if (begins && byte === 0x80) notDer('an arc of an OBJECT IDENTIFIER is padded', at);
    begins = byte < 0x80;
  }
}
