import type { RevocationList } from '../../../domain/revocation/revocation-list.ts';
import { signatureAlgorithmAt } from '../der/algorithms.ts';
import { malformed, notDer } from '../der/der-fault.ts';
import { readDer, TAG } from '../der/der-node.ts';
import { nameAt } from '../der/names.ts';
import { timeAt } from '../der/times.ts';
import { listExtensionsAt } from './list-extensions.ts';

/** One value in its place. Unlike a `DerNode` it does not know what it holds, so that a million entries cost nothing yet. */
export interface Span {
  readonly tag: number;
  readonly start: number;
  readonly content: number;
  readonly end: number;
}

/** Where the parts of a list lie, and all of it but its entries. */
export interface ListOutline {
  readonly list: Omit<RevocationList, 'thumbprint' | 'entries'>;
  /** tbsCertList with its header: what is signed. */
  readonly signed: Span;
  /** The bytes of the signature itself. */
  readonly signature: Uint8Array;
  /** The content of revokedCertificates; empty where there is none. */
  readonly entries: { readonly from: number; readonly to: number };
}

/** No field but the entries is longer: an issuer's name and a scope with it are a few hundred bytes. */
const LONGEST_FIELD = 16 * 1024;

/** Reads a CertificateList in the order of RFC 5280 §5.1. */
export function listOutline(bytes: Buffer): ListOutline {
  const outer = expectSpan(spanAt(bytes, 0, bytes.length), TAG.sequence, 'CertificateList');
  if (outer.end !== bytes.length) notDer('bytes follow where the value has ended', outer.end);
  const [signed, algorithm, value, ...more] = partsOf(bytes, outer, 4);
  if (signed?.tag !== TAG.sequence || !algorithm || value?.tag !== TAG.bitString || more.length > 0) {
    malformed('CertificateList', 'is not a signed part, an algorithm and a signature');
  }
  const parts = [...partsOf(bytes, signed, 8)];
  const version = parts[0]?.tag === TAG.integer ? versionAt(bytes, parts.shift()!) : 1;
  const [inner, issuer, thisUpdate] = parts.splice(0, 3);
  const nextUpdate = isTime(parts[0]) ? parts.shift() : undefined;
  const entries = parts[0]?.tag === TAG.sequence ? parts.shift()! : undefined;
  const extensions = parts[0]?.tag === 0xa0 ? parts.shift() : undefined;
  if (parts.length > 0) malformed('tbsCertList', 'has a field that does not belong there');
  if (extensions && version !== 2) malformed('crlExtensions', 'are present in a list of version 1');
  if (entries && entries.content === entries.end) malformed('revokedCertificates', 'is an empty list');
  if (!isTime(thisUpdate)) malformed('thisUpdate', 'is not a time');
  const name = nameAt(bytes, field(bytes, issuer, 'issuer'), 'issuer');
  if (name.rdns.length === 0) malformed('issuer', 'is empty');
  const outerAlgorithm = field(bytes, algorithm, 'signatureAlgorithm');
  const innerAlgorithm = field(bytes, inner, 'signature');
  signatureAlgorithmAt(bytes, innerAlgorithm, 'signature');
  return {
    list: {
      version,
      signature: signatureAlgorithmAt(bytes, outerAlgorithm, 'signatureAlgorithm'),
      signatureAlgorithmsAgree: bytes.compare(bytes, inner!.start, inner!.end, algorithm.start, algorithm.end) === 0,
      signatureBytes: value.end - value.content - 1,
      issuer: name,
      thisUpdate: timeAt(bytes, thisUpdate.tag, thisUpdate.content, thisUpdate.end),
      ...(nextUpdate && { nextUpdate: timeAt(bytes, nextUpdate.tag, nextUpdate.content, nextUpdate.end) }),
      ...listExtensionsAt(bytes, extensions && field(bytes, extensions, 'crlExtensions')),
    },
    signed,
    signature: signatureAt(bytes, value),
    entries: { from: entries?.content ?? 0, to: entries?.end ?? 0 },
  };
}

/** Reads a header as DER has it (X.690 §8.1, §10.1), with lengths up to four bytes: a list of a million takes 40 MB. */
export function spanAt(bytes: Buffer, start: number, limit: number): Span {
  if (limit - start < 2) notDer('a value is cut short', start);
  const first = bytes[start + 1]!;
  const count = first < 0x80 ? 0 : first & 0x7f;
  if (first === 0x80) notDer('a length is indefinite', start + 1);
  if (count > 4) notDer('a length takes more than four bytes', start + 1);
  const content = start + 2 + count;
  if (content > limit) notDer('a length is cut short', start + 1);
  const length = count === 0 ? first : bytes.readUIntBE(start + 2, count);
  if (count > 0 && (length < 0x80 || length < 256 ** (count - 1))) notDer('a length is written longer than need be', start + 1);
  const end = content + length;
  if (end > limit) notDer('a value is longer than what holds it', start);
  return { tag: bytes[start]!, start, content, end };
}

function partsOf(bytes: Buffer, { content, end }: Span, most: number): readonly Span[] {
  const parts: Span[] = [];
  for (let at = content; at < end; at = parts.at(-1)!.end) {
    if (parts.length === most) malformed('CertificateList', 'has more parts than it may');
    parts.push(spanAt(bytes, at, end));
  }
  return parts;
}

function expectSpan(span: Span, tag: number, what: string): Span {
  if (span.tag !== tag) malformed(what, 'is not a SEQUENCE');
  return span;
}

function field(bytes: Buffer, span: Span | undefined, name: string) {
  if (!span) malformed('tbsCertList', `has no ${name}`);
  if (span.end - span.start > LONGEST_FIELD) malformed(name, `takes more than ${LONGEST_FIELD / 1024} KiB`);
  return readDer(bytes, span.start, span.end);
}

const isTime = (span: Span | undefined): span is Span => span?.tag === TAG.utcTime || span?.tag === TAG.generalizedTime;

/** RFC 5280 §5.1.2.1: absent is 1; only 2 is written. */
function versionAt(bytes: Buffer, { content, end }: Span): number {
  if (end - content !== 1 || bytes[content] !== 1) malformed('version', 'is not 2');
  return 2;
}

function signatureAt(bytes: Buffer, value: Span): Uint8Array {
  if (value.end - value.content > LONGEST_FIELD) malformed('signatureValue', `takes more than ${LONGEST_FIELD / 1024} KiB`);
  if (value.end - value.content < 2 || bytes[value.content] !== 0) malformed('signatureValue', 'is no whole number of bytes');
  return bytes.subarray(value.content + 1, value.end);
}
