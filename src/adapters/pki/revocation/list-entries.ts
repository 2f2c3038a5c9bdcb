import { LIST_REASONS, type ListedCertificate, type ListReason } from '../../../domain/revocation/revocation-list.ts';
import { checkContent } from '../der/content-rules.ts';
import { malformed, notDer } from '../der/der-fault.ts';
import { expectTag, readDer, TAG, type DerNode } from '../der/der-node.ts';
import { extensionAt } from '../der/extensions.ts';
import { timeAt } from '../der/times.ts';
import { spanAt } from './list-outline.ts';

/** An entry is 30 to 60 bytes; one with the name of another issuer a few hundred. */
const LARGEST_ENTRY = 4 * 1024;
/** RFC 5280 §4.1.2.2, the zero byte that keeps it positive not counted. */
const LONGEST_SERIAL = 20;

const REASON = '2.5.29.21';
const INVALIDITY_DATE = '2.5.29.24';
const CERTIFICATE_ISSUER = '2.5.29.29';

export interface ReadEntry extends ListedCertificate {
  /** One past its last byte. */
  readonly end: number;
  readonly unknownCritical: readonly string[];
  /** It has a certificateIssuer, and with it all entries after it may be about certificates of another issuer. */
  readonly ofAnother: boolean;
}

/** Reads the entry of revokedCertificates that begins at `start` (RFC 5280 §5.1.2.6, §5.3). */
export function entryAt(bytes: Buffer, start: number, limit: number): ReadEntry {
  const entry = spanAt(bytes, start, limit);
  if (entry.tag !== TAG.sequence) malformed('revokedCertificates', 'is not a list of SEQUENCEs');
  if (entry.end - start > LARGEST_ENTRY) malformed('revokedCertificates', `has an entry of more than ${LARGEST_ENTRY / 1024} KiB`);
  const serial = spanAt(bytes, entry.content, entry.end);
  if (serial.tag !== TAG.integer) malformed('userCertificate', 'is not an INTEGER');
  checkContent(bytes, serial.tag, serial.content, serial.end);
  const time = spanAt(bytes, serial.end, entry.end);
  if (time.tag !== TAG.utcTime && time.tag !== TAG.generalizedTime) malformed('revocationDate', 'is not a time');
  return {
    serialNumber: serialText(bytes, serial.content, serial.end),
    since: timeAt(bytes, time.tag, time.content, time.end),
    ...extensionsOf(bytes, time.end, entry.end),
    end: entry.end,
  };
}

/** Zero and negative numbers are kept, for a CA may have revoked such a certificate; no certificate that is admitted has one. */
function serialText(bytes: Buffer, content: number, end: number): string {
  const from = bytes[content] === 0 ? content + 1 : content;
  if (end - from > LONGEST_SERIAL) malformed('userCertificate', `is longer than ${LONGEST_SERIAL} bytes`);
  return `${bytes[content]! >= 0x80 ? '-' : ''}${bytes.toString('hex', from, end)}`;
}

type EntryExtensions = Pick<ReadEntry, 'reason' | 'unknownCritical' | 'ofAnother'>;

const NONE: readonly string[] = [];
const PLAIN = LIST_REASONS.map((reason): EntryExtensions => ({ reason: reason ?? 'unspecified', unknownCritical: NONE, ofAnother: false }));

/** All that most entries have: crlEntryExtensions with one reasonCode, which ends them. */
const REASON_ALONE = Buffer.from('300c300a0603551d1504030a01', 'hex');

function extensionsOf(bytes: Buffer, from: number, end: number): EntryExtensions {
  if (from === end) return PLAIN[0]!;
  const isAlone = end - from === REASON_ALONE.length + 1 && bytes.compare(REASON_ALONE, 0, REASON_ALONE.length, from, end - 1) === 0;
  if (isAlone) return PLAIN[checkedReason(bytes[end - 1]!)]!;
  const list = expectTag(readDer(bytes, from, end), TAG.sequence, 'crlEntryExtensions', 'a SEQUENCE');
  // Empty, it breaks the grammar (SIZE (1..MAX)) as a library in use writes it, and says nothing.
  const seen = new Set<string>();
  const unknownCritical: string[] = [];
  let reason: ListReason = 'unspecified';
  for (const child of list.children) {
    const { oid, critical, value } = extensionAt(bytes, child);
    if (seen.has(oid)) malformed('crlEntryExtensions', `has the extension ${oid} twice`);
    seen.add(oid);
    if (oid === REASON) reason = reasonAt(bytes, value);
    else if (oid === INVALIDITY_DATE) expectTag(value, TAG.generalizedTime, 'invalidityDate', 'a GeneralizedTime');
    else if (critical && oid !== CERTIFICATE_ISSUER) unknownCritical.push(oid);
  }
  return { reason, unknownCritical, ofAnother: seen.has(CERTIFICATE_ISSUER) };
}

function reasonAt(bytes: Buffer, node: DerNode): ListReason {
  const { content, end } = expectTag(node, 0x0a, 'reasonCode', 'an ENUMERATED');
  if (end - content !== 1) notDer('a reasonCode is not one byte long', content);
  return PLAIN[checkedReason(bytes[content]!)]!.reason;
}

function checkedReason(code: number): number {
  if (LIST_REASONS[code] === undefined) malformed('reasonCode', 'is none of RFC 5280 §5.3.1');
  return code;
}
