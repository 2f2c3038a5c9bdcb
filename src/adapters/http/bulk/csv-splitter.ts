import type { Refusal } from '../../../domain/refusal.ts';
import type { Delimiter } from './csv-header.ts';
import { scanRecord, splitCells } from './csv-scan.ts';
import { csvText } from './csv-text.ts';

/** Bytes, line break included. */
export const LONGEST_RECORD = 64 * 1024;

const LF = 0x0a;

export type CsvRecord =
  | { readonly line: number; readonly cells: readonly string[] }
  | { readonly line: number; readonly unreadable: Refusal };

/**
 * Cuts bytes into the records of RFC 4180. A record that cannot be read costs the line it begins on, and reading goes on at the next line: a
 * quote that is never closed does not swallow the rest of the file. Which is why this is no ready-made parser: they go on to the next quote.
 * Memory: what was pushed last and one record.
 */
export class CsvSplitter {
  readonly #delimiter: Delimiter;
  #line: number;
  #pending: Uint8Array = new Uint8Array(0);
  /** Inside a line that was too long: it has been reported, and its rest is dropped. */
  #skipping = false;

  constructor({ delimiter, line }: { readonly delimiter: Delimiter; readonly line: number }) {
    this.#delimiter = delimiter;
    this.#line = line;
  }

  /** The records that are complete with these bytes; all of them when `isLast`. */
  push(bytes: Uint8Array, isLast: boolean): readonly CsvRecord[] {
    const all = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    const records: CsvRecord[] = [];
    let at = 0;
    while (at < all.length) {
      const next = this.#take(all, at, isLast, records);
      if (next === undefined) break;
      at = next;
    }
    // A copy: a view would keep the whole chunk alive.
    this.#pending = new Uint8Array(all.subarray(at));
    return records;
  }

  /** Reads the record that starts at `at` and says where the next one starts; undefined when more bytes are needed. */
  #take(all: Uint8Array, at: number, isLast: boolean, records: CsvRecord[]): number | undefined {
    const newline = all.indexOf(LF, at);
    const isWhole = newline !== -1 || isLast;
    const lineEnd = newline === -1 ? all.length : newline + 1;
    if (this.#skipping) return this.#pass(lineEnd, newline !== -1);
    if (lineEnd - at > LONGEST_RECORD) {
      records.push({ line: this.#line, unreadable: { code: 'bulk.row-too-large', evidence: { 'bytes at least': lineEnd - at } } });
      return this.#pass(lineEnd, newline !== -1);
    }
    if (!isWhole) return undefined;
    const window = all.subarray(at, at + LONGEST_RECORD);
    const scanned = scanRecord(window, 0, this.#delimiter.charCodeAt(0));
    const isCut = scanned.kind === 'open' || (scanned.kind === 'record' && window[scanned.end - 1] !== LF);
    if (isCut && all.length - at <= LONGEST_RECORD && !isLast) return undefined;
    if (scanned.kind !== 'record' || (isCut && at + scanned.end < all.length)) {
      records.push({ line: this.#line, unreadable: { code: 'bulk.bad-quoting', evidence: WHY[scanned.kind] } });
      return this.#pass(lineEnd, true);
    }
    records.push(this.#read(window.subarray(0, scanned.end)));
    this.#line += scanned.lines;
    return at + scanned.end;
  }

  #pass(lineEnd: number, isWhole: boolean): number {
    this.#skipping = !isWhole;
    if (isWhole) this.#line += 1;
    return lineEnd;
  }

  #read(bytes: Uint8Array): CsvRecord {
    const text = csvText(bytes);
    return text.granted
      ? { line: this.#line, cells: splitCells(text.value, this.#delimiter) }
      : { line: this.#line, unreadable: text.refusal };
  }
}

const WHY = {
  open: { quote: 'never closed, or not within 64 KiB' },
  bad: { quote: 'inside of a cell that does not begin with one, or followed by something else than the delimiter' },
  record: { quote: 'closed only after 64 KiB' },
} as const;
