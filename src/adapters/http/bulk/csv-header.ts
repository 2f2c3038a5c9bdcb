import type { Refusal } from '../../../domain/refusal.ts';
import { grant, refuse, type Decision } from '../../../domain/shared/decision.ts';
import { scanRecord, splitCells } from './csv-scan.ts';
import { csvText } from './csv-text.ts';

export interface CsvHeader {
  /** In the order of the file, each once. */
  readonly columns: readonly string[];
  readonly delimiter: Delimiter;
}

const DELIMITERS = ['\t', ';', ','] as const;
export type Delimiter = (typeof DELIMITERS)[number];

/**
 * Reads the first line. Its delimiter is the one of TAB `;` `,` that makes ID a column; of several, the one that makes most columns.
 * So a comma inside the name of another column does not mislead.
 */
export function csvHeader(line: Uint8Array): Decision<CsvHeader, Refusal> {
  const text = csvText(line);
  if (!text.granted) return text;
  const readings = DELIMITERS.filter((delimiter) => isOneRecord(line, delimiter))
    .map((delimiter) => ({ delimiter, columns: splitCells(text.value, delimiter) }))
    .sort((a, b) => b.columns.length - a.columns.length);
  if (readings.length === 0) return refuse({ code: 'bulk.bad-quoting', evidence: { line: 'header' } });
  const header = readings.find(({ columns }) => columns.includes('ID'));
  if (!header) return refuse({ code: 'bulk.header', evidence: { columns: listOf(readings[0]!.columns) } });
  const twice = header.columns.find((column, i) => header.columns.indexOf(column) !== i);
  if (twice !== undefined) return refuse({ code: 'bulk.header', evidence: { 'column named twice': listOf([twice]) } });
  const nameless = header.columns.indexOf('');
  if (nameless !== -1) return refuse({ code: 'bulk.header', evidence: { 'column without a name': nameless + 1 } });
  return grant(header);
}

function isOneRecord(line: Uint8Array, delimiter: Delimiter): boolean {
  const scanned = scanRecord(line, 0, delimiter.charCodeAt(0));
  return scanned.kind === 'record' && scanned.end === line.length;
}

/** The names of columns, as far as they can be some: of a key that was sent in the place of a table nothing is shown again (R13). */
function listOf(columns: readonly string[]): string {
  const list = columns.map((column) => (/^(?:[\p{L}\p{N}_][\p{L}\p{N}\p{M} _.-]{0,39})?$/u.test(column) ? `'${column}'` : `a text of ${column.length} characters`)).join(' ');
  return list.length > 200 ? `${list.slice(0, 200)}…` : list;
}
