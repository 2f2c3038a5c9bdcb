import { printable } from './printable.ts';

/** Columns side by side under a head; the last is as long as it is. Cells come from servers and files, so they are made safe to print. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const safe = [head, ...rows.map((row) => row.map(printable))];
  const widths = head.map((_, column) => safe.reduce((width, row) => Math.max(width, row[column]!.length), 0));
  return safe.map((row) => row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column]!))).join('  ').trimEnd());
}
