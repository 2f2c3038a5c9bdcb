/** One armoured block: `-----BEGIN <label>-----`, `body`, `-----END <label>-----`. */
export interface PemBlock {
  readonly label: string;
  /** As it stands between the lines, white space included. */
  readonly body: string;
}

const BLOCK = /\s*-----BEGIN ([A-Z0-9 #]{1,64})-----([^-]*)-----END ([A-Z0-9 #]{1,64})-----\s*/y;

/**
 * Splits PEM (RFC 7468) into its blocks; a phrase that says what was found instead when it is not blocks alone. Newlines are not needed:
 * the compatible API's own documentation strips them all. Text before, between and after the blocks, which RFC 7468 §2 lets a reader skip, is
 * refused: whoever uploads a file with more in it should see that it is more than a certificate.
 */
export function pemBlocks(text: string): readonly PemBlock[] | string {
  const blocks: PemBlock[] = [];
  BLOCK.lastIndex = 0;
  while (BLOCK.lastIndex < text.length) {
    const at = BLOCK.lastIndex;
    const match = BLOCK.exec(text);
    if (!match) return problemAt(text.slice(at).trimStart(), blocks.length);
    if (match[1] !== match[3]) return 'a PEM block that begins and ends by different names';
    blocks.push({ label: match[1]!, body: match[2]! });
  }
  return blocks;
}

function problemAt(rest: string, blocksBefore: number): string {
  if (rest.startsWith('-----BEGIN ')) return 'a PEM block that does not end';
  if (blocksBefore === 0) return 'text before the first PEM block';
  return rest.includes('-----BEGIN ') ? 'text between PEM blocks' : 'text after the last PEM block';
}
