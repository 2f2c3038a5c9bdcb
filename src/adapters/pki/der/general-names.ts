import type { GeneralName, NameConstraints } from '../../../domain/certificates/general-name.ts';
import { malformed, notDer } from './der-fault.ts';
import { expectTag, TAG, type DerNode } from './der-node.ts';
import { nameAt } from './names.ts';

const FORMS: Readonly<Record<number, 'email' | 'dns' | 'uri'>> = { 0x81: 'email', 0x82: 'dns', 0x86: 'uri' };
const DIRECTORY = 0xa4;
const IP = 0x87;

/** RFC 5280 §4.2.1.6: `SIZE (1..MAX)`. Names are kept as they are: what a text that is no host means is the rules' question. */
export function generalNamesAt(bytes: Buffer, node: DerNode, field: string): readonly GeneralName[] {
  const { children } = expectTag(node, TAG.sequence, field, 'a SEQUENCE');
  if (children.length === 0) malformed(field, 'is empty');
  return children.map((name) => generalNameAt(bytes, name, field));
}

function generalNameAt(bytes: Buffer, node: DerNode, field: string): GeneralName {
  const { tag, content, end } = node;
  const form = FORMS[tag];
  if (form) {
    for (let at = content; at < end; at++) if (bytes[at]! >= 0x80) notDer('bytes of a string are no character of its type, IA5String', at);
    return { form, value: bytes.toString('latin1', content, end) };
  }
  if (tag === IP) return { form: 'ip', bytes: new Uint8Array(bytes.subarray(content, end)) };
  // Explicitly tagged, since a Name is a CHOICE (RFC 5280 appendix A.2).
  if (tag === DIRECTORY) {
    if (node.children.length !== 1) malformed(field, 'holds a directoryName that is not one name');
    return { form: 'directory', name: nameAt(bytes, node.children[0], 'subject') };
  }
  // Not refused here, whatever its class: a name nobody knows does no harm until a CA constrains names of its kind.
  return { form: 'other', tag };
}

/** RFC 5280 §4.2.1.10: [0] permitted, [1] excluded; each subtree is a base, and neither minimum nor maximum. */
export function nameConstraintsAt(bytes: Buffer, node: DerNode): NameConstraints {
  const field = 'nameConstraints';
  const parts = [...expectTag(node, TAG.sequence, field, 'a SEQUENCE').children];
  const permitted = parts[0]?.tag === 0xa0 ? parts.shift() : undefined;
  const excluded = parts[0]?.tag === 0xa1 ? parts.shift() : undefined;
  if (parts.length > 0 || (!permitted && !excluded)) malformed(field, 'is not permitted and excluded subtrees');
  return { permitted: subtreesAt(bytes, permitted, field), excluded: subtreesAt(bytes, excluded, field) };
}

function subtreesAt(bytes: Buffer, node: DerNode | undefined, field: string): readonly GeneralName[] {
  if (!node) return [];
  if (node.children.length === 0) malformed(field, 'holds an empty list of subtrees');
  return node.children.map((subtree) => {
    const { children } = expectTag(subtree, TAG.sequence, field, 'a list of subtrees');
    if (children.length !== 1) malformed(field, 'holds a subtree with a minimum or maximum, which RFC 5280 does not allow');
    return generalNameAt(bytes, children[0]!, field);
  });
}
