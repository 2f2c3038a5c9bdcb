import { grant, type Decision } from '../../domain/shared/decision.ts';
import type { RefusalOf } from '../../domain/shared/refusal-of.ts';
import type { TokenClaims } from '../../domain/tokens/token-claims.ts';
import { jsonObjectOf, malformed } from './compact-jws.ts';

type Shape = { readonly [Claim in keyof TokenClaims]-?: (value: unknown) => boolean };

const text = (value: unknown): boolean => typeof value === 'string' && value !== '';
/** RFC 7519 §2 allows fractions; we never write one. JSON's 1e999 becomes Infinity, which is no time. */
const seconds = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

/** Serial number, fingerprint, issuer or nothing. */
const isCertificate = (value: unknown): boolean => Array.isArray(value) && value.length === 3 && value.every((part) => typeof part === 'string');

const SHAPE: Shape = {
  jti: text,
  iss: text,
  aud: text,
  sub: text,
  tci: (value) => value === 'device_token_config',
  iat: seconds,
  nbf: seconds,
  exp: seconds,
  tfa: (value) => value === false,
  ten: text,
  xsrfToken: text,
  cnf: (value) => typeof value === 'object' && value !== null && text((value as Record<string, unknown>)['x5t#S256']),
  anchors: (value) => Array.isArray(value) && value.length > 0 && value.every(text),
  /** Milliseconds, and as whole as the seconds of the others. */
  reg: seconds,
  path: (value) => Array.isArray(value) && value.length > 0 && value.every(isCertificate),
  rules: (value) => value === undefined || text(value),
};

/** The claim that a token may lack: then nothing was enforced when it was issued (D-55). */
const OPTIONAL: keyof TokenClaims = 'rules';

/** Reads the payload of a verified token. What it carries beyond the claims of a device token is dropped. */
export function readDeviceTokenClaims(payload: Uint8Array): Decision<TokenClaims, RefusalOf<'token.malformed'>> {
  const members = jsonObjectOf(payload);
  if (!members) return malformed('a payload that is no JSON object');
  const wrong = Object.entries(SHAPE).find(([claim, fits]) => !(Object.hasOwn(members, claim) || claim === OPTIONAL) || !fits(members[claim]));
  if (wrong) return malformed(`no usable claim ${wrong[0]}`);
  const claims = Object.fromEntries(Object.keys(SHAPE).filter((claim) => Object.hasOwn(members, claim)).map((claim) => [claim, members[claim]])) as unknown as TokenClaims;
  return grant({ ...claims, cnf: { 'x5t#S256': claims.cnf['x5t#S256'] } });
}
