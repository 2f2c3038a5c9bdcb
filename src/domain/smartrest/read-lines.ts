/** One line of a SmartREST message: its cells, or why it and all behind it cannot be read. */
export type SmartrestLine =
  | { readonly number: number; readonly cells: readonly string[] }
  | { readonly number: number; readonly cells: readonly string[]; readonly broken: LineFault };

export type LineFault = 'not-utf-8' | 'quote' | 'too-many-cells' | 'too-many-lines';

/** A message has at most 16184 bytes, its packet included (D-16); these bound what its lines cost beyond that. */
export const SMARTREST_LIMITS = {
  /** As many measurements of one moment fit into a packet. */
  lines: 1_000,
  /** A list of software has three for each item. */
  cells: 3_000,
} as const;

/** A cell begins after a comma or a line break: quoted, with quotes doubled and anything between, or up to the next comma (RFC 4180 §2). */
const CELL = /"((?:[^"]|"")*)"|([^",\r\n]*)/y;
const SEPARATOR = /,|\r?\n|\r|$/y;

/**
 * The lines of a message, empty ones left out. After a line that cannot be read nothing is read: nobody knows where the next one
 * begins, and what stood between quotes must never become a line of its own.
 */
export function readLines(payload: Uint8Array): readonly SmartrestLine[] {
  const text = new TextDecoder().decode(payload); // takes a byte order mark away
  if (text.includes('\uFFFD')) return [{ number: 1, cells: [], broken: 'not-utf-8' }];
  const lines: SmartrestLine[] = [];
  for (let at = 0, number = 1; at < text.length; number += 1) {
    const { line, end } = readLine(text, at, number);
    const isEmpty = line.cells.length === 1 && line.cells[0] === '' && !('broken' in line);
    if (!isEmpty && lines.length === SMARTREST_LIMITS.lines) return [...lines, { number, cells: [], broken: 'too-many-lines' }];
    if (!isEmpty) lines.push(line);
    if ('broken' in line) return lines;
    at = end;
  }
  return lines;
}

function readLine(text: string, start: number, number: number): { readonly line: SmartrestLine; readonly end: number } {
  const cells: string[] = [];
  for (let at = start; ; ) {
    const cell = matchAt(CELL, text, at)!; // matches the empty string too
    const separator = matchAt(SEPARATOR, text, CELL.lastIndex);
    if (separator === null) return { line: { number, cells, broken: 'quote' }, end: text.length };
    if (cells.length === SMARTREST_LIMITS.cells) return { line: { number, cells, broken: 'too-many-cells' }, end: text.length };
    cells.push(cell[1]?.replaceAll('""', '"') ?? cell[2]!);
    at = SEPARATOR.lastIndex;
    if (separator[0] !== ',') return { line: { number, cells }, end: at };
  }
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
