import type { PathClaim } from './path-claim.ts';

/** The claims of a device token (wire-contract §3.2, D-12). Times are whole seconds since 1970 (RFC 7519 §2). */
export interface TokenClaims {
  readonly jti: string;
  readonly iss: string;
  readonly aud: string;
  readonly sub: string;
  readonly tci: 'device_token_config';
  readonly iat: number;
  readonly nbf: number;
  readonly exp: number;
  readonly tfa: false;
  readonly ten: string;
  readonly xsrfToken: string;
  /** RFC 8705 §3.1: SHA-256 of the device certificate, base64url. */
  readonly cnf: { readonly 'x5t#S256': string };
  /** Fingerprints of the anchors by which the device was admitted: withdrawing all of them kills the token here (D-14). */
  readonly anchors: readonly string[];
  /** When the device was registered, in milliseconds since 1970: one that was removed and registered anew is another device (D-19). */
  readonly reg: number;
  /** By which certificates the device was admitted: revoking one of them kills the token here (D-41). */
  readonly path: PathClaim;
  /** `rulesMark` of what the tenant enforced when it was issued; absent where that was nothing (D-55). */
  readonly rules?: string;
}
