/** `text` with what stands between the lines `begin` and `end` made anew. Throws where they are not there, once each and in this order. */
export function withSection(text: string, { begin, end, section }: { readonly begin: string; readonly end: string; readonly section: string }): string {
  const [before, rest, ...more] = text.split(begin);
  const [, after, ...others] = rest?.split(end) ?? [];
  if (before === undefined || after === undefined || more.length + others.length > 0) {
    throw new Error(`The text must hold, once each and in this order, the lines\n${begin}\n${end}`);
  }
  return `${before}${begin}\n${section}\n${end}${after}`;
}
