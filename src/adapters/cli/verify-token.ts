import { compactVerify, createLocalJWKSet, decodeProtectedHeader, errors, type JSONWebKeySet } from 'jose';
import { grant } from '../../domain/shared/decision.ts';
import { EXIT, fail, type Outcome } from './cli-failure.ts';

/** What Fleetgate signs with (D-12). Naming them keeps a token from choosing another, such as none (RFC 8725 §3.1). */
const ALGORITHMS = ['ES256', 'RS256', 'EdDSA'];
const PART = /^[A-Za-z0-9_-]+$/;

export interface VerifiedToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** "for another 42 minutes". */
  readonly expiry: string;
}

/** Checks a token as any service would: by the published keys alone. What only Fleetgate knows (withdrawn trust, removed devices) it cannot see. */
export async function verifyToken(token: string, keys: JSONWebKeySet, now: Date): Promise<Outcome<VerifiedToken>> {
  const parts = token.split('.');
  if (parts.length !== 3 || !parts.every(isCanonical)) {
    return fail(EXIT.refused, 'The token is malformed: it must be three parts of canonical base64url with dots between them.');
  }
  try {
    const { payload, protectedHeader } = await compactVerify(token, createLocalJWKSet(keys), { algorithms: ALGORITHMS });
    const claims = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload)) as unknown;
    return judged(protectedHeader, claims, Math.floor(now.getTime() / 1000));
  } catch (error) {
    return fail(EXIT.refused, reasonOfJose(error, token));
  }
}

/** Unused bits of the last character must be 0, or a token could be changed without becoming another one. */
const isCanonical = (part: string): boolean => PART.test(part) && Buffer.from(part, 'base64url').toString('base64url') === part;

function judged(header: object, claims: unknown, now: number): Outcome<VerifiedToken> {
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) return fail(EXIT.refused, 'The token is malformed: its payload is no JSON object.');
  const { exp, nbf } = claims as Record<string, unknown>;
  if (typeof exp !== 'number') return fail(EXIT.refused, 'The token is malformed: it has no expiry (exp).');
  if (exp <= now) return fail(EXIT.refused, `The token expired ${duration(now - exp)} ago, at ${atText(exp)}. Ask for a new one on s/uat.`);
  if (typeof nbf === 'number' && nbf > now) {
    return fail(EXIT.refused, `The token is valid only in ${duration(nbf - now)}, from ${atText(nbf)}. Check the clocks of both machines.`);
  }
  const expiry = `for another ${duration(exp - now)}, until ${atText(exp)}`;
  return grant({ header: header as Record<string, unknown>, claims: claims as Record<string, unknown>, expiry });
}

function reasonOfJose(error: unknown, token: string): string {
  const code = (error as { code?: string }).code;
  if (code === errors.JWKSNoMatchingKey.code) {
    return `None of the keys is that of the token (kid ${kidOf(token)}). Compare the key set with the server that issued it.`;
  }
  if (code === errors.JWSSignatureVerificationFailed.code) return 'The signature is wrong: the token was changed, or signed by a key that only has the same name.';
  if (code === errors.JOSEAlgNotAllowed.code) return `The token is signed by an algorithm that is not accepted. Accepted are ${ALGORITHMS.join(', ')}.`;
  return `The token is malformed: ${error instanceof SyntaxError ? 'its payload is no JSON' : String((error as Error).message)}.`;
}

function kidOf(token: string): string {
  try {
    return String(decodeProtectedHeader(token).kid ?? 'missing').slice(0, 100);
  } catch {
    return 'unreadable';
  }
}

export const atText = (seconds: number): string =>
  Math.abs(seconds) <= 8.64e12 ? new Date(seconds * 1000).toISOString().replace('.000Z', 'Z') : `second ${seconds}`;

const UNITS = [['day', 86_400], ['hour', 3600], ['minute', 60], ['second', 1]] as const;

/** The largest unit that fits at least once, and the next one: "1 hour 12 minutes". */
export function duration(seconds: number): string {
  const whole = Math.max(Math.round(seconds), 0);
  const first = UNITS.findIndex(([, size]) => whole >= size);
  if (first === -1) return '0 seconds';
  const [name, size] = UNITS[first]!;
  const [smaller, step] = UNITS[first + 1] ?? ['', 0];
  const rest = step === 0 ? 0 : Math.floor((whole % size) / step);
  return `${counted(Math.floor(whole / size), name)}${rest > 0 ? ` ${counted(rest, smaller)}` : ''}`;
}

const counted = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? '' : 's'}`;
