import type { Pause } from '../../../ports/driven/pause.ts';
import { notDer } from '../der/der-fault.ts';

/** RFC 7468 §6. */
const BEGIN = '-----BEGIN X509 CRL-----';
const END = '-----END X509 CRL-----';

/** Characters decoded between two turns of the event loop. */
const SLICE = 64 * 1024;
const LEGAL = /^[A-Za-z0-9+/]*={0,2}$/;

const DASH = 0x2d;
const LONGEST_SPACE = 1024;

export interface ListBytes {
  readonly der: Buffer;
  /** What stands behind the PEM block: the issuer's certificates, where somebody put them there. */
  readonly behind: Uint8Array;
}

/** DER as it is, or unpacked from the one PEM block that an upload begins with. */
export async function listBytes(upload: Buffer, pause: Pause): Promise<ListBytes> {
  const start = textStart(upload);
  if (upload[start] !== DASH) return { der: upload, behind: new Uint8Array() };
  if (upload.toString('latin1', start, start + BEGIN.length) !== BEGIN) notDer('a PEM block is not an X509 CRL', start);
  const from = start + BEGIN.length;
  // Base64 has no dash: the next one ends the block.
  const to = upload.indexOf(DASH, from);
  if (to < 0 || upload.toString('latin1', to, to + END.length) !== END) notDer('a PEM block does not end as it begins', from);
  return { der: await decoded(upload.subarray(from, to), pause), behind: upload.subarray(to + END.length) };
}

async function decoded(text: Buffer, pause: Pause): Promise<Buffer> {
  const out = Buffer.allocUnsafe(Math.ceil(text.length / 4) * 3);
  let length = 0;
  let carried = '';
  for (let at = 0; at < text.length; at += SLICE) {
    const letters = carried + text.toString('latin1', at, at + SLICE).replace(/[\r\n\t ]+/g, '');
    const isLast = at + SLICE >= text.length;
    const whole = isLast ? letters : letters.slice(0, letters.length - (letters.length % 4));
    carried = letters.slice(whole.length);
    if (!LEGAL.test(whole) || whole.length % 4 !== 0 || (!isLast && whole.endsWith('='))) notDer('a PEM block is not base64', at);
    length += out.write(whole, length, 'base64');
    await pause();
  }
  return out.subarray(0, length);
}

/** Past a byte order mark and white space, where PEM follows; DER begins with neither. */
function textStart(upload: Buffer): number {
  let at = upload[0] === 0xef && upload[1] === 0xbb && upload[2] === 0xbf ? 3 : 0;
  while (at < LONGEST_SPACE && (upload[at] === 0x20 || upload[at] === 0x0a || upload[at] === 0x0d || upload[at] === 0x09)) at += 1;
  return at;
}
