import type { TokenKey } from '../../domain/impact/forecast.ts';
import type { TokenClaims } from '../../domain/tokens/token-claims.ts';
import type { TokenRefusalCode } from '../../domain/refusals/codes.ts';
import type { Decision } from '../../domain/shared/decision.ts';
import type { RefusalOf } from '../../domain/shared/refusal-of.ts';
import { token } from '../token.ts';

/**
 * Signs device tokens and checks its own signatures, by a ring of keys of which one signs (D-12).
 *
 * - Private keys never leave the adapter. The public ones are published by `publicKeys`.
 * - `rotate` makes a new signing key; tokens of the former ones verify until their keys are retired, at least the longest lifetime later.
 * - Where several processes share the ring, a new key is published by all of them before one of them signs by it.
 * - `verify` pins one algorithm per key, ignores `jku`, `jwk`, `x5u` and `x5c` of the header, refuses what is not canonical base64url
 *   and every unknown `crit`, and a token that lacks a claim which `TokenClaims` asks for. It judges form, key and signature; lifetime, issuer and live state are asked above.
 * - A rejected promise means the keys are out of order, never "no". `verify` never rejects because of its argument: a token by a key
 *   that nobody knows here is refused as such, also while the keys that others made cannot be read.
 */
export interface TokenSigner {
  /** Names the key that signs now: a change of it means new tokens. */
  keyId(): string;
  /** A compact JWS with `alg`, `typ: JWT` and `kid` in its header. */
  sign(claims: TokenClaims): Promise<string>;
  verify(jwt: string): Promise<Decision<TokenClaims, RefusalOf<TokenRefusalCode>>>;
  /** RFC 7517 §5: the key set, public members only. */
  publicKeys(): { readonly keys: readonly Readonly<Record<string, string>>[] };
  /** The same keys, when they were made and how long they check; the one that signs comes first, and has no end. */
  keys(): readonly TokenKey[];
  /** Resolves with the id of the new signing key, once it is safely stored. */
  rotate(): Promise<string>;
  /** Takes over keys that another process made, if the ring is one of several processes. Rejects where they cannot be read; those at hand stay. */
  catchUp(): Promise<void>;
}

export const TokenSigner = token<TokenSigner>('TokenSigner');
