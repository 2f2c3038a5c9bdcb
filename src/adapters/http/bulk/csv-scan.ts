const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;

/**
 * Where the record that starts at `start` ends. `end` is the place behind its last line break, `lines` how many line breaks it holds.
 * `open`: a quote is still open when the bytes end. `bad`: a quote stands where RFC 4180 §2 has none.
 */
export type Scanned = { readonly kind: 'record'; readonly end: number; readonly lines: number } | { readonly kind: 'open' | 'bad' };

/** Scans bytes, not characters: in UTF-8 the four bytes that matter here never stand inside of another character. */
export function scanRecord(bytes: Uint8Array, start: number, delimiter: number): Scanned {
  let lines = 0;
  let at = start;
  for (;;) {
    if (bytes[at] === QUOTE) {
      const quoted = endOfQuoted(bytes, at + 1);
      if (!quoted) return { kind: 'open' };
      lines += quoted.lines;
      at = quoted.end;
      const after = bytes[at] === CR && (bytes[at + 1] === LF || at + 1 === bytes.length) ? LF : bytes[at];
      if (after !== undefined && after !== delimiter && after !== LF) return { kind: 'bad' };
    }
    for (; at < bytes.length && bytes[at] !== delimiter && bytes[at] !== LF; at += 1) {
      if (bytes[at] === QUOTE) return { kind: 'bad' };
    }
    if (at >= bytes.length) return { kind: 'record', end: bytes.length, lines };
    at += 1;
    if (bytes[at - 1] === LF) return { kind: 'record', end: at, lines: lines + 1 };
  }
}

/** `end` is the place behind the closing quote. */
function endOfQuoted(bytes: Uint8Array, start: number): { readonly end: number; readonly lines: number } | undefined {
  let lines = 0;
  for (let at = start; at < bytes.length; at += 1) {
    if (bytes[at] === LF) lines += 1;
    if (bytes[at] !== QUOTE) continue;
    if (bytes[at + 1] !== QUOTE) return { end: at + 1, lines };
    at += 1; // a doubled quote is one that belongs to the cell
  }
  return undefined;
}

/** The cells of one record that `scanRecord` found well-formed, without its last line break. */
export function splitCells(text: string, delimiter: string): string[] {
  if (!text.includes('"')) return text.split(delimiter);
  const cells: string[] = [];
  for (let at = 0, end: number; at <= text.length; at = end + 1) {
    const isQuoted = text[at] === '"';
    end = isQuoted ? closingQuote(text, at) + 1 : endOfPlain(text, delimiter, at);
    cells.push(isQuoted ? text.slice(at + 1, end - 1).replaceAll('""', '"') : text.slice(at, end));
  }
  return cells;
}

function closingQuote(text: string, opening: number): number {
  let at = text.indexOf('"', opening + 1);
  while (text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}

function endOfPlain(text: string, delimiter: string, start: number): number {
  const at = text.indexOf(delimiter, start);
  return at === -1 ? text.length : at;
}
