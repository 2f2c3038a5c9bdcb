import { malformed } from './der-fault.ts';
import { expectTag, TAG, type DerNode } from './der-node.ts';

/** The longest in use (2.25 with a UUID) takes 20 bytes. OIDs reach evidence and logs, so their text must be bounded. */
const LONGEST = 64;

/** Dotted decimal of an OBJECT IDENTIFIER whose encoding was checked before. */
export function oidAt(bytes: Buffer, node: DerNode | undefined, field: string): string {
  const { content, end } = expectTag(node, TAG.oid, field, 'an OBJECT IDENTIFIER');
  if (end - content > LONGEST) malformed(field, `is an OBJECT IDENTIFIER of more than ${LONGEST} bytes`);
  let text = '';
  let arc = 0;
  for (let at = content, arcStart = content; at < end; at++) {
    const byte = bytes[at]!;
    arc = arc * 128 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    const exact = Number.isSafeInteger(arc) ? arc : bigArc(bytes, arcStart, at);
    text = text === '' ? firstArcs(exact) : `${text}.${exact}`;
    arc = 0;
    arcStart = at + 1;
  }
  return text;
}

/** X.690 §8.19.4: the first two arcs share one number. */
const firstArcs = (shared: number | bigint): string =>
  shared < 80 ? `${shared < 40 ? 0 : 1}.${Number(shared) % 40}` : `2.${BigInt(shared) - 80n}`;

function bigArc(bytes: Buffer, from: number, last: number): bigint {
  let arc = 0n;
  for (let at = from; at <= last; at++) arc = (arc << 7n) | BigInt(bytes[at]! & 0x7f);
  return arc;
}
