import type { Refusal } from '../../../domain/refusal.ts';
import { grant, refuse, type Decision } from '../../../domain/shared/decision.ts';

/** Stateless between calls: each decodes a whole line. A byte order mark is the caller's to take off, so none is swallowed further down. */
const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of a line or record without its line break. Each is decoded for itself, so that one in another encoding spoils no other. */
export function csvText(bytes: Uint8Array): Decision<string, Refusal> {
  const zero = bytes.indexOf(0);
  // Legal in UTF-8, but in a table it means UTF-16 or a file that is no text.
  if (zero !== -1) return refuse({ code: 'bulk.not-utf-8', evidence: { 'zero byte at': zero } });
  try {
    return grant(UTF_8.decode(bytes).replace(/\r?\n$|\r$/, ''));
  } catch {
    return refuse({ code: 'bulk.not-utf-8', evidence: { bytes: bytes.length } });
  }
}
