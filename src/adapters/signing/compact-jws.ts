import { grant, refuse, type Decision } from '../../domain/shared/decision.ts';
import type { RefusalOf } from '../../domain/shared/refusal-of.ts';

/** Bytes of the longest token that is looked at. Ours are under 4 KB, and an MQTT packet (D-16) could not carry more. */
export const MOST_TOKEN_BYTES = 16_384;

/** The three parts of a compact JWS (RFC 7515 §7.1), decoded; nothing is verified yet. */
export interface CompactJws {
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Uint8Array;
}

/** Takes a token apart, strictly: there is one way to write each token. Never throws. */
export function readCompactJws(jwt: string): Decision<CompactJws, RefusalOf<'token.malformed'>> {
  if (jwt.length > MOST_TOKEN_BYTES) return malformed(`more than ${MOST_TOKEN_BYTES} bytes`);
  const parts = jwt.split('.');
  if (parts.length !== 3) return malformed(`${parts.length} parts instead of 3`);
  const [header, payload, signature] = parts.map(canonicalBytes);
  if (!header || !payload || !signature) return malformed('a part that is not canonical base64url');
  const members = jsonObjectOf(header);
  if (!members) return malformed('a header that is no JSON object');
  return grant({ header: members, payload });
}

/** A refusal with what was found; `found` never quotes the token. */
export const malformed = (found: string) => refuse({ code: 'token.malformed', evidence: { found } } as const);

/** The object that UTF-8 JSON bytes stand for; undefined for anything else. */
export function jsonObjectOf(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const it: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
    return typeof it === 'object' && it !== null && !Array.isArray(it) ? (it as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The last character of a part can carry bits that no byte uses (design §5), and Node skips what is not base64url: writing the bytes
 * again shows both.
 */
function canonicalBytes(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, 'base64url');
  return bytes.toString('base64url') === part ? bytes : undefined;
}
