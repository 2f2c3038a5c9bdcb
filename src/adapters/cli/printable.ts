/** Text from a certificate or a file, safe for a terminal: what could move the cursor or turn the direction of writing is shown as `\xNN`. */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (c) => `\\x${c.codePointAt(0)!.toString(16).padStart(2, '0')}`);
