import type { Refusal } from '../../../domain/refusal.ts';
import { grant, refuse, type Decision } from '../../../domain/shared/decision.ts';
import type { BulkRow } from '../../../ports/driving/registration-desk.ts';
import { csvHeader, type CsvHeader } from './csv-header.ts';
import { CsvSplitter, LONGEST_RECORD, type CsvRecord } from './csv-splitter.ts';

const LF = 0x0a;
const GATHERED = 64 * 1024;

/**
 * Reads a bulk file as it comes: UTF-8 with or without a byte order mark, any of TAB `;` `,`, LF or CRLF, RFC 4180 quotes, columns in any
 * order. What is wrong with the file as a whole is refused before any row is given out; what is wrong with one row is that row's. Blank
 * lines, and lines of nothing but delimiters as spreadsheets write them, are no rows. The header is line 1, unless blank lines stand before it.
 */
export async function csvRows(bytes: AsyncIterable<Uint8Array>): Promise<Decision<AsyncIterable<BulkRow>, Refusal>> {
  const chunks = gathered(bytes);
  const head = await readHead(chunks);
  if (!head.granted) return head;
  const rows = rowsBelow(head.value, chunks);
  const first = await rows.next();
  return first.done ? refuse({ code: 'bulk.empty', evidence: { rows: 0 } }) : grant(startingWith(first.value, rows));
}

interface Head extends CsvHeader {
  /** Of the first row. */
  readonly line: number;
  /** What was read behind the header. */
  readonly rest: Uint8Array;
}

/** Small chunks are put together, so that a sender of single bytes costs no more than another. */
async function* gathered(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of bytes) {
    parts.push(part);
    length += part.length;
    if (length < GATHERED) continue;
    yield parts.length === 1 ? part : Buffer.concat(parts);
    parts = [];
    length = 0;
  }
  if (length > 0) yield Buffer.concat(parts);
}

async function readHead(chunks: AsyncGenerator<Uint8Array, void, void>): Promise<Decision<Head, Refusal>> {
  const start = await nextOf(chunks);
  let bytes = start.subarray(hasByteOrderMark(start) ? 3 : 0);
  for (let line = 1; ; ) {
    let newline = bytes.indexOf(LF);
    if (newline === -1 && bytes.length <= LONGEST_RECORD) {
      const more = await nextOf(chunks);
      bytes = Buffer.concat([bytes, more]);
      if (more.length > 0) continue;
      newline = bytes.length - 1;
    }
    if (bytes.length === 0) return refuse({ code: 'bulk.empty', evidence: { bytes: 'none, or blank ones only' } });
    if (newline === -1 || newline >= LONGEST_RECORD) return refuse({ code: 'bulk.row-too-large', evidence: { line } });
    const first = bytes.subarray(0, newline + 1);
    bytes = bytes.subarray(newline + 1);
    line += 1;
    if (first.every((byte) => BLANK.has(byte))) continue;
    const header = csvHeader(first);
    return header.granted ? grant({ ...header.value, line, rest: bytes }) : header;
  }
}

const BLANK: ReadonlySet<number> = new Set([0x0a, 0x0d, 0x20]);
const NOTHING = new Uint8Array(0);
const nextOf = async (chunks: AsyncGenerator<Uint8Array, void, void>): Promise<Uint8Array> => (await chunks.next()).value ?? NOTHING;
const hasByteOrderMark = (bytes: Uint8Array): boolean => bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;

async function* rowsBelow(head: Head, chunks: AsyncGenerator<Uint8Array, void, void>): AsyncGenerator<BulkRow, void, void> {
  const splitter = new CsvSplitter(head);
  const rowOf = rowReader(head);
  for (let bytes = head.rest, isLast = false; ; ) {
    for (const record of splitter.push(bytes, isLast)) {
      const row = rowOf(record);
      if (row) yield row;
    }
    if (isLast) return;
    bytes = await nextOf(chunks);
    isLast = bytes.length === 0;
  }
}

/** Undefined: a blank line. */
function rowReader({ columns }: CsvHeader): (record: CsvRecord) => BulkRow | undefined {
  return (record) => {
    if ('unreadable' in record) return record;
    const { line, cells } = record;
    if (cells.every((cell) => cell.trim() === '')) return undefined;
    if (cells.length !== columns.length) {
      const evidence = { cells: cells.length, 'cells of the header': columns.length };
      return { line, unreadable: { code: 'bulk.ragged-row', evidence } };
    }
    if (cells.every((cell, i) => cell === columns[i])) {
      return { line, unreadable: { code: 'bulk.header', evidence: { row: 'is the header once more' } } };
    }
    return { line, cells: Object.fromEntries(columns.map((column, i) => [column, cells[i]!])) };
  };
}

async function* startingWith(first: BulkRow, rest: AsyncGenerator<BulkRow, void, void>): AsyncGenerator<BulkRow, void, void> {
  yield first;
  yield* rest;
}
