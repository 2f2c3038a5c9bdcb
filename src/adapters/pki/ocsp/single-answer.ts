import type { CertificateId, SingleAnswer } from '../../../domain/revocation/ocsp-response.ts';
import { LIST_REASONS } from '../../../domain/revocation/revocation-list.ts';
import type { RevocationReason } from '../../../domain/revocation/revocation.ts';
import { algorithmAt } from '../der/algorithms.ts';
import { malformed } from '../der/der-fault.ts';
import { expectTag, TAG, type DerNode } from '../der/der-node.ts';
import { timeAt } from '../der/times.ts';
import { ocspExtensionsAt } from './ocsp-extensions.ts';

const ENUMERATED = 0x0a;
const HASHES: Readonly<Record<string, CertificateId['hash']>> = { '1.3.14.3.2.26': 'sha1', '2.16.840.1.101.3.4.2.1': 'sha256' };
/** RFC 5280 §4.1.2.2, with the zero byte that keeps it positive. */
const LONGEST_SERIAL = 21;

/** Reads a SingleResponse (RFC 6960 §4.2.1). */
export function singleAnswerAt(bytes: Buffer, node: DerNode): SingleAnswer {
  const [id, status, thisUpdate, ...rest] = expectTag(node, TAG.sequence, 'responses', 'a list of SEQUENCEs').children;
  const nextUpdate = rest[0]?.tag === 0xa0 ? rest.shift()! : undefined;
  const extensions = rest[0]?.tag === 0xa1 ? rest.shift()! : undefined;
  if (rest.length > 0) malformed('SingleResponse', 'has a field that does not belong there');
  return {
    id: certificateIdAt(bytes, id),
    ...statusAt(bytes, status),
    thisUpdate: generalizedTimeAt(bytes, thisUpdate, 'thisUpdate'),
    ...(nextUpdate && { nextUpdate: generalizedTimeAt(bytes, onlyChild(nextUpdate, 'nextUpdate'), 'nextUpdate') }),
    unknownCritical: ocspExtensionsAt(bytes, extensions, 'singleExtensions').unknownCritical,
  };
}

export function generalizedTimeAt(bytes: Buffer, node: DerNode | undefined, field: string): Date {
  const { tag, content, end } = expectTag(node, TAG.generalizedTime, field, 'a GeneralizedTime');
  return timeAt(bytes, tag, content, end);
}

/** What stands in an explicit tag. */
export function onlyChild({ children }: DerNode, field: string): DerNode {
  if (children.length !== 1) malformed(field, 'is not one value in its tag');
  return children[0]!;
}

/** An algorithm that is none of ours, or has odd parameters, names no certificate of ours. */
function certificateIdAt(bytes: Buffer, node: DerNode | undefined): CertificateId {
  const { children } = expectTag(node, TAG.sequence, 'certID', 'a SEQUENCE');
  if (children.length !== 4) malformed('certID', 'is not an algorithm, two hashes and a serial number');
  const { oid, parameters } = algorithmAt(bytes, children[0], 'hashAlgorithm');
  const isPlain = parameters === undefined || parameters.tag === TAG.null;
  return {
    hash: (isPlain ? HASHES[oid] : undefined) ?? 'other',
    issuerName: octetsAt(bytes, children[1], 'issuerNameHash'),
    issuerKey: octetsAt(bytes, children[2], 'issuerKeyHash'),
    serialNumber: serialAt(bytes, children[3]),
  };
}

function octetsAt(bytes: Buffer, node: DerNode | undefined, field: string): string {
  const { content, end } = expectTag(node, TAG.octetString, field, 'an OCTET STRING');
  return bytes.toString('hex', content, end);
}

/** As in `Certificate`; a negative one is no certificate's. */
function serialAt(bytes: Buffer, node: DerNode | undefined): string {
  const { content, end } = expectTag(node, TAG.integer, 'serialNumber', 'an INTEGER');
  if (end - content > LONGEST_SERIAL) malformed('serialNumber', 'is longer than 20 bytes');
  return `${bytes[content]! >= 0x80 ? '-' : ''}${bytes.toString('hex', bytes[content] === 0 && end - content > 1 ? content + 1 : content, end)}`;
}

/** certStatus: `[0]` good, `[1]` revoked, `[2]` unknown, all implicit. */
function statusAt(bytes: Buffer, node: DerNode | undefined): Pick<SingleAnswer, 'status' | 'revoked'> {
  if (node?.tag === 0xa1) return { status: 'revoked', revoked: revokedAt(bytes, node) };
  const isEmpty = node?.content === node?.end;
  if (node?.tag === 0x80 && isEmpty) return { status: 'good' };
  if (node?.tag === 0x82 && isEmpty) return { status: 'unknown' };
  return malformed('certStatus', 'is neither good nor revoked nor unknown');
}

function revokedAt(bytes: Buffer, { children }: DerNode): NonNullable<SingleAnswer['revoked']> {
  const [time, reason, ...more] = children;
  if (more.length > 0 || (reason && reason.tag !== 0xa0)) malformed('revokedInfo', 'is not a time and a reason');
  return { since: generalizedTimeAt(bytes, time, 'revocationTime'), reason: reason ? reasonAt(bytes, onlyChild(reason, 'revocationReason')) : 'unspecified' };
}

function reasonAt(bytes: Buffer, node: DerNode): RevocationReason {
  const { content, end } = expectTag(node, ENUMERATED, 'revocationReason', 'an ENUMERATED');
  const reason = end - content === 1 ? LIST_REASONS[bytes[content]!] : undefined;
  return reason === undefined || reason === 'removeFromCRL' ? malformed('revocationReason', 'is no reason to revoke (RFC 5280 §5.3.1)') : reason;
}
