import { WHOLE_SCOPE } from '../../../domain/revocation/list-scope.ts';
import type { RevocationList } from '../../../domain/revocation/revocation-list.ts';
import { malformed } from '../der/der-fault.ts';
import { expectTag, TAG, type DerNode } from '../der/der-node.ts';
import { listScopeAt } from '../der/distribution-points.ts';
import { authorityKeyIdentifierAt, extensionAt } from '../der/extensions.ts';

const CRL_NUMBER = '2.5.29.20';
const DELTA_INDICATOR = '2.5.29.27';
const ISSUING_POINT = '2.5.29.28';
const AUTHORITY_KEY = '2.5.29.35';

type Known = Pick<RevocationList, 'authorityKeyIdentifier' | 'number' | 'deltaOf' | 'scope' | 'unknownCritical'>;

const READERS: Readonly<Record<string, (bytes: Buffer, value: DerNode) => Partial<Known>>> = {
  [CRL_NUMBER]: (bytes, value) => ({ number: numberAt(bytes, value, 'cRLNumber') }),
  [DELTA_INDICATOR]: (bytes, value) => ({ deltaOf: numberAt(bytes, value, 'deltaCRLIndicator') }),
  [ISSUING_POINT]: (bytes, value) => ({ scope: listScopeAt(bytes, value) }),
  [AUTHORITY_KEY]: authorityKeyIdentifierAt,
};

/** Reads crlExtensions (RFC 5280 §5.2). What is critical and has no reader is named; whether that matters is the domain's question. */
export function listExtensionsAt(bytes: Buffer, node: DerNode | undefined): Known {
  if (!node) return { scope: WHOLE_SCOPE, unknownCritical: [] };
  const list = expectTag(node.children[0], TAG.sequence, 'crlExtensions', 'a SEQUENCE');
  if (node.children.length !== 1 || list.children.length === 0) malformed('crlExtensions', 'is not one list of at least one extension');
  const seen = new Set<string>();
  const unknownCritical: string[] = [];
  let known: Partial<Known> = {};
  for (const child of list.children) {
    const { oid, critical, value } = extensionAt(bytes, child);
    if (seen.has(oid)) malformed('crlExtensions', `has the extension ${oid} twice`);
    seen.add(oid);
    const read = READERS[oid];
    if (read) known = { ...known, ...read(bytes, value) };
    else if (critical) unknownCritical.push(oid);
  }
  return { scope: WHOLE_SCOPE, ...known, unknownCritical };
}

/** RFC 5280 §5.2.3: never negative, at most 20 bytes. */
function numberAt(bytes: Buffer, node: DerNode, field: string): bigint {
  const { content, end } = expectTag(node, TAG.integer, field, 'an INTEGER');
  if (bytes[content]! >= 0x80 || end - content > 20) malformed(field, 'is negative or longer than 20 bytes');
  return BigInt(`0x${bytes.toString('hex', content, end)}`);
}
