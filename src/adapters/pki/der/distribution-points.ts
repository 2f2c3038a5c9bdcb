import { ALL_REASONS, type DistributionPoint, type ListScope } from '../../../domain/revocation/list-scope.ts';
import { DerFault, malformed, notDer } from './der-fault.ts';
import { expectTag, TAG, type DerNode } from './der-node.ts';
import { generalNamesAt } from './general-names.ts';
import { rdnOf } from './names.ts';

/**
 * cRLDistributionPoints (RFC 5280 §4.2.1.13). An extension not in its legal form reads as one without points, which no list covers: it was
 * no reason to refuse a certificate before lists were asked, and is none where they are not.
 */
export function distributionPointsAt(bytes: Buffer, node: DerNode): readonly DistributionPoint[] {
  try {
    return expectTag(node, TAG.sequence, 'cRLDistributionPoints', 'a SEQUENCE').children.map((point) => pointAt(bytes, point));
  } catch (fault) {
    if (fault instanceof DerFault) return [];
    throw fault;
  }
}

function pointAt(bytes: Buffer, node: DerNode): DistributionPoint {
  const field = 'cRLDistributionPoints';
  const parts = inOrder(expectTag(node, TAG.sequence, field, 'a list of SEQUENCEs'), [0xa0, 0x81, 0xa2], field);
  if (!parts.has(0xa0) && !parts.has(0xa2)) malformed(field, 'holds a point without a name and without an issuer');
  const named = parts.get(0xa0);
  const reasons = parts.get(0x81);
  return {
    ...(named && pointNameAt(bytes, named, field)),
    reasons: reasons ? reasonsAt(bytes, reasons, field) : ALL_REASONS,
    ofAnother: parts.has(0xa2),
  };
}

/** issuingDistributionPoint (RFC 5280 §5.2.5). */
export function listScopeAt(bytes: Buffer, node: DerNode): ListScope {
  const field = 'issuingDistributionPoint';
  const parts = inOrder(expectTag(node, TAG.sequence, field, 'a SEQUENCE'), [0xa0, 0x81, 0x82, 0x83, 0x84, 0x85], field);
  const named = parts.get(0xa0);
  const some = parts.get(0x83);
  const only = ([[0x81, 'users'], [0x82, 'cas'], [0x85, 'attributes']] as const).filter(([tag]) => flagAt(bytes, parts.get(tag), field));
  if (only.length > 1) malformed(field, 'limits the list to several kinds of certificates at once');
  return {
    ...(named && pointNameAt(bytes, named, field)),
    only: only[0]?.[1] ?? 'all',
    reasons: some ? reasonsAt(bytes, some, field) : ALL_REASONS,
    indirect: flagAt(bytes, parts.get(0x84), field),
  };
}

/** [0] fullName, [1] nameRelativeToCRLIssuer; inside an explicit [0], for a DistributionPointName is a CHOICE. */
function pointNameAt(bytes: Buffer, node: DerNode, field: string): Pick<ListScope, 'names' | 'relative'> {
  const [choice, ...more] = node.children;
  if (!choice || more.length > 0) malformed(field, 'has a name that is not one name');
  if (choice.tag === 0xa0) return { names: generalNamesAt(bytes, { ...choice, tag: TAG.sequence }, field) };
  if (choice.tag === 0xa1) return { relative: rdnOf(bytes, choice, field) };
  return malformed(field, 'has a name that is neither full nor relative');
}

/** Each optional field once, in the order of the grammar. */
function inOrder(node: DerNode, tags: readonly number[], field: string): ReadonlyMap<number, DerNode> {
  let last = -1;
  for (const { tag } of node.children) {
    const place = tags.indexOf(tag);
    if (place <= last) malformed(field, 'has a field that does not belong there');
    last = place;
  }
  return new Map(node.children.map((child) => [child.tag, child]));
}

function flagAt(bytes: Buffer, node: DerNode | undefined, field: string): boolean {
  if (!node) return false;
  if (node.end - node.content !== 1 || bytes[node.content] !== 0xff) notDer(`a flag of ${field} is neither TRUE nor left out`, node.start);
  return true;
}

/** ReasonFlags, bit 1 keyCompromise … bit 8 aACompromise; bit 0 means nothing (RFC 5280 §4.2.1.13). */
function reasonsAt(bytes: Buffer, { content, end, start }: DerNode, field: string): number {
  const unused = bytes[content];
  if (unused === undefined || unused > 7 || end - content < 2 || end - content > 3) malformed(field, 'has reasons that are no ReasonFlags');
  if ((bytes[end - 1]! & ((1 << unused) - 1)) !== 0) notDer('an unused bit of a BIT STRING is set', start);
  let mask = 0;
  for (let bit = 1; bit <= 8; bit++) {
    const at = content + 1 + (bit >> 3);
    if (at < end && (bytes[at]! & (0x80 >> (bit & 7))) !== 0) mask |= 1 << bit;
  }
  return mask;
}
