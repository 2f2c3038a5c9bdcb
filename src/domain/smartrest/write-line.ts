/** One SmartREST line: cells are quoted where they hold a separator (RFC 4180 §2). */
export const smartrestLine = (...cells: readonly string[]): string => cells.map(cellOf).join(',');

const cellOf = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
