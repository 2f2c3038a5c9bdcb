import { distinguishedName, type DistinguishedName, type NameAttribute } from '../../../domain/certificates/distinguished-name.ts';
import { malformed, notDer } from './der-fault.ts';
import { expectTag, TAG, type DerNode } from './der-node.ts';
import { oidAt } from './object-identifiers.ts';
import { attributeValue } from './strings.ts';

/** Reads a Name (RFC 5280 §4.1.2.4). An embedded NUL or an odd string type is kept: what may name a device is decided by the domain. */
export function nameAt(bytes: Buffer, node: DerNode | undefined, field: 'issuer' | 'subject'): DistinguishedName {
  const { children } = expectTag(node, TAG.sequence, field, 'a SEQUENCE');
  return distinguishedName(children.map((rdn) => rdnAt(bytes, rdn, field)));
}

function rdnAt(bytes: Buffer, node: DerNode, field: string): readonly NameAttribute[] {
  return rdnOf(bytes, expectTag(node, TAG.set, field, 'a SEQUENCE of SETs'), field);
}

/** The attributes of one RDN, whatever its own tag: a name relative to another is an RDN under an implicit one. */
export function rdnOf(bytes: Buffer, { children }: DerNode, field: string): readonly NameAttribute[] {
  if (children.length === 0) malformed(field, 'has an empty RDN');
  for (let i = 1; i < children.length; i++) {
    if (isAfter(bytes, children[i - 1]!, children[i]!)) notDer('a SET OF is not sorted', children[i]!.start);
  }
  return children.map((attribute) => {
    const { children: parts } = expectTag(attribute, TAG.sequence, field, 'made of types and values');
    if (parts.length !== 2) malformed(field, 'has an attribute that is not a type and a value');
    return { type: oidAt(bytes, parts[0], field), ...attributeValue(bytes, parts[1]!) };
  });
}

/** X.690 §11.6: ascending as byte strings. No DER value is a prefix of another, so that the padding of §11.6 never matters. */
const isAfter = (bytes: Buffer, a: DerNode, b: DerNode): boolean => bytes.compare(bytes, b.start, b.end, a.start, a.end) > 0;
