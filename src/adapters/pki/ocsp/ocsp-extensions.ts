import { malformed } from '../der/der-fault.ts';
import { expectTag, TAG, type DerNode } from '../der/der-node.ts';
import { extensionAt } from '../der/extensions.ts';
import { NONCE } from './ocsp-request.ts';

export interface OcspExtensions {
  /** Lower-case hex. */
  readonly nonce?: string;
  readonly unknownCritical: readonly string[];
}

/** Reads `[1]` Extensions of a response or of one answer (RFC 6960 §4.4). What is critical and has no reader is named; whether that matters is the domain's question. */
export function ocspExtensionsAt(bytes: Buffer, node: DerNode | undefined, field: string): OcspExtensions {
  if (!node) return { unknownCritical: [] };
  const list = expectTag(node.children[0], TAG.sequence, field, 'a SEQUENCE');
  if (node.children.length !== 1 || list.children.length === 0) malformed(field, 'is not one list of at least one extension');
  const seen = new Set<string>();
  const unknownCritical: string[] = [];
  let nonce: string | undefined;
  for (const child of list.children) {
    const { oid, critical, value } = extensionAt(bytes, child);
    if (seen.has(oid)) malformed(field, `has the extension ${oid} twice`);
    seen.add(oid);
    if (oid === NONCE) nonce = nonceAt(bytes, value);
    else if (critical) unknownCritical.push(oid);
  }
  return { unknownCritical, ...(nonce !== undefined && { nonce }) };
}

/** RFC 9654 §2.1: 1 to 128 bytes. */
function nonceAt(bytes: Buffer, node: DerNode): string {
  const { content, end } = expectTag(node, TAG.octetString, 'nonce', 'an OCTET STRING');
  if (end === content || end - content > 128) malformed('nonce', 'is not 1 to 128 bytes long');
  return bytes.toString('hex', content, end);
}
