import type { ClientTerms } from './client-terms.ts';
import { ENDINGS, endingSentence, type EndingCode } from './endings.ts';
import { explained } from './reason-string.ts';

/** The last packet of an open session: a server says DISCONNECT in MQTT 5 only (§3.14). */
export function farewell(code: EndingCode, terms: ClientTerms): Buffer | undefined {
  const { v5 } = ENDINGS[code];
  if (terms.version !== 5 || v5 === undefined) return undefined;
  return explained({ cmd: 'disconnect', reasonCode: v5 }, endingSentence(code), terms);
}
