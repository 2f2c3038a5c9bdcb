import { checkContent } from './content-rules.ts';
import { malformed, notDer } from './der-fault.ts';

/** One value in its place among the bytes. Offsets count from the start of the certificate, so every slice is cut from the input. */
export interface DerNode {
  /** The identifier byte: class, constructed bit and number. A number beyond 30 has its low five bits set. */
  readonly tag: number;
  /** Of the identifier byte. */
  readonly start: number;
  /** Of the first content byte. */
  readonly content: number;
  /** One past the last content byte. */
  readonly end: number;
  /** Empty for a primitive value. */
  readonly children: readonly DerNode[];
}

/** Identifier bytes of the universal types that the grammar of certificates names. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Certificates of the field nest about a dozen deep. The bound keeps the recursion below harmless. */
const DEEPEST = 32;

/** EXTERNAL, EMBEDDED PDV, SEQUENCE, SET and CHARACTER STRING are always constructed; all other universal types never are in DER. */
const ALWAYS_CONSTRUCTED = (1 << 8) | (1 << 11) | (1 << 16) | (1 << 17) | (1 << 29);

/**
 * Reads exactly one DER value (D-18, X.690 §8–§11) from `start` to `end` and checks every value in it by its type.
 * `depth` is how deep the place lies already.
 */
export function readDer(bytes: Buffer, start: number, end: number, depth = 0): DerNode {
  const node = readNode(bytes, start, end, depth);
  if (node.end !== end) notDer('bytes follow where the value has ended', node.end);
  return node;
}

function readNode(bytes: Buffer, start: number, limit: number, depth: number): DerNode {
  if (depth >= DEEPEST) notDer(`values nest deeper than ${DEEPEST}`, start);
  if (limit - start < 2) notDer('a value is cut short', start);
  const tag = bytes[start]!;
  const lengthAt = (tag & 0x1f) === 0x1f ? afterLongTag(bytes, start, limit) : start + 1;
  const { content, length } = readLength(bytes, lengthAt, limit);
  const end = content + length;
  if (end > limit) notDer('a value is longer than what holds it', start);
  if (tag < 0x40) checkForm(tag, start);
  if ((tag & 0x20) === 0) {
    if (tag < 0x40) checkContent(bytes, tag, content, end);
    return { tag, start, content, end, children: NONE };
  }
  const children: DerNode[] = [];
  for (let at = content; at < end; ) {
    const child = readNode(bytes, at, end, depth + 1);
    children.push(child);
    at = child.end;
  }
  return { tag, start, content, end, children };
}

const NONE: readonly DerNode[] = [];

function checkForm(tag: number, start: number): void {
  const number = tag & 0x1f;
  if (number === 0) notDer('an end-of-contents mark stands outside BER’s indefinite form', start);
  const mustBeConstructed = number < 31 && ((ALWAYS_CONSTRUCTED >>> number) & 1) === 1;
  const isConstructed = (tag & 0x20) !== 0;
  if (mustBeConstructed && !isConstructed) notDer('a SEQUENCE or SET is primitive', start);
  if (!mustBeConstructed && isConstructed) notDer('a string or simple value is constructed', start);
}

/** X.690 §8.1.2.4: numbers from 31 on take more identifier bytes, seven bits each, the fewest possible. */
function afterLongTag(bytes: Buffer, start: number, limit: number): number {
  let number = 0;
  for (let at = start + 1; at < limit && at <= start + 4; at++) {
    const byte = bytes[at]!;
    if (number === 0 && byte === 0x80) notDer('a tag number is padded', start);
    number = (number << 7) | (byte & 0x7f);
    if (byte >= 0x80) continue;
    if (number < 31) notDer('a tag number is written longer than need be', start);
    return at + 1;
  }
  return notDer('a tag number is cut short or beyond 28 bits', start);
}

function readLength(bytes: Buffer, at: number, limit: number): { content: number; length: number } {
  if (at >= limit) notDer('a length is cut short', at);
  const first = bytes[at]!;
  if (first < 0x80) return { content: at + 1, length: first };
  if (first === 0x80) notDer('a length is indefinite', at);
  const count = first & 0x7f;
  if (count > 3) notDer('a length takes more than three bytes', at);
  if (at + 1 + count > limit) notDer('a length is cut short', at);
  const length = bytes.readUIntBE(at + 1, count);
  const fewest = length < 0x80 ? 0 : length < 0x100 ? 1 : length < 0x1_0000 ? 2 : 3;
  if (count !== fewest) notDer('a length is written longer than need be', at);
  return { content: at + 1 + count, length };
}

/** The node, or a fault when it is absent or of another type. */
export function expectTag(node: DerNode | undefined, tag: number, field: string, what: string): DerNode {
  if (node?.tag !== tag) malformed(field, `is not ${what}`);
  return node;
}
