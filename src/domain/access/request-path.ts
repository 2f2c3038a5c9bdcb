import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { RefusalOf } from '../shared/refusal-of.ts';

/** Decoded segments of a path that has one reading only. `/` is one empty segment; a slash at the end makes an empty last one. */
export type PathSegments = readonly string[];

/** Characters of a request URI; nginx and others stop at 8 KiB too. */
const LONGEST_URI = 8192;

/** RFC 3986 §3.3, without `;`: parameters of a segment are read by some servers and dropped by others. */
const SEGMENT = /^(?:[A-Za-z0-9\-._~!$&'()*+,=:@]|%[0-9A-Fa-f]{2})*$/;

/** No request line holds anything else, in its query neither: a space would be that of two header values in one (RFC 9110 §5.3). */
const URI = /^[\x21-\x7e]*$/;

/** What, once decoded, some server behind would read as structure, or would decode once more. */
const AMBIGUOUS = /[/\\%;\p{Cc}]/u;

const UNRESERVED = /[A-Za-z0-9\-._~]/;

/**
 * The path of a request URI (`/a/b?c`), if every server that could stand behind the proxy reads it in the same way (R06): whoever normalises
 * a tricky path decides for another path than the service opens. Nothing is repaired (D-17).
 */
export function readRequestPath(uri: string): Decision<PathSegments, RefusalOf<'access.path-malformed'>> {
  if (uri.length > LONGEST_URI) return malformed(`more than ${LONGEST_URI} characters`);
  if (!URI.test(uri)) return malformed('a character that no URI holds');
  const path = uri.split('?', 1)[0]!;
  if (!path.startsWith('/')) return malformed('a path that does not begin with /');
  const raw = path.slice(1).split('/');
  const segments: string[] = [];
  for (const [i, segment] of raw.entries()) {
    if (segment === '' && i < raw.length - 1) return malformed('//');
    const decoded = decode(segment);
    if (decoded === undefined) return malformed('a character or an encoding that a path does not need');
    if (decoded === '.' || decoded === '..') return malformed('. or ..');
    segments.push(decoded);
  }
  return grant(segments);
}

function decode(segment: string): string | undefined {
  if (!SEGMENT.test(segment)) return undefined;
  const encoded = segment.match(/%../g) ?? [];
  if (encoded.some((octet) => UNRESERVED.test(String.fromCharCode(parseInt(octet.slice(1), 16))))) return undefined;
  try {
    const decoded = decodeURIComponent(segment);
    return AMBIGUOUS.test(decoded) ? undefined : decoded;
  } catch {
    return undefined; // no UTF-8
  }
}

const malformed = (found: string) => refuse({ code: 'access.path-malformed', evidence: { found } } as const);
