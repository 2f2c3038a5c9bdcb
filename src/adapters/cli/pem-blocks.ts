import { Buffer } from 'node:buffer';

/** The contents of all PEM blocks with one label, in order; whatever stands between blocks is passed over (RFC 7468 §2). */
export function pemBlocks(text: string, label: string): readonly Uint8Array[] {
  const [begin, end] = [`-----BEGIN ${label}-----`, `-----END ${label}-----`];
  return text
    .split(begin)
    .slice(1)
    .filter((block) => block.includes(end))
    .map((block) => new Uint8Array(Buffer.from(block.slice(0, block.indexOf(end)), 'base64')));
}
