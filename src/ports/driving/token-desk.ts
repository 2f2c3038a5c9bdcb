import type { Principal } from '../../domain/access/administrator.ts';
import type { Thumbprint } from '../../domain/certificates/certificate.ts';
import type { Refusal } from '../../domain/refusal.ts';
import type { AdmittedDevice, DeviceSession } from '../../domain/sessions/device-session.ts';
import type { Decision } from '../../domain/shared/decision.ts';
import type { TokenClaims } from '../../domain/tokens/token-claims.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import { token } from '../token.ts';

/**
 * Hands out device tokens, recognises them again, and takes them back.
 *
 * - All ask the live state each time: a withdrawn anchor, a removed device or a suspended tenant refuses at once (D-14).
 * - After a trust change was acknowledged, neither `issue` nor `issueTo` gives a fresh token against it.
 * - After `withdraw` resolved, the token is dead here on every node, and is never handed out again; the device may have another.
 */
export interface TokenDesk {
  /** A compact JWS. The same one until half of its lifetime has passed, trust was changed, or it was withdrawn (D-12). */
  issue(session: DeviceSession): Promise<Decision<string, Refusal>>;
  /** The same for a device that was let in without a session (`DeviceGate.admit`). */
  issueTo(device: AdmittedDevice): Promise<Decision<string, Refusal>>;
  /** Whose token is this, and does it still count here? Where its bearer showed a certificate, the token must be bound to that one (RFC 8705 §3). */
  recognise(jwt: string, shown?: Thumbprint): Promise<Decision<Extract<Principal, { kind: 'device' }>, Refusal>>;
  /**
   * What a token says, where it counts now and `asker` may know of it: a tenant of its own tokens, the management tenant of all. Undefined for
   * everything else, and then what anybody's live state is was not even asked: the time that it took tells nothing either.
   */
  inspect(jwt: string, asker: TenantId): Promise<TokenClaims | undefined>;
  /** Whoever may `inspect` a token may take it back, before or after it counts. What is no token of theirs, or has ended, is left alone. */
  withdraw(jwt: string, asker: Asker): Promise<'withdrawn' | 'nothing-to-withdraw'>;
}

export interface Asker {
  readonly tenant: TenantId;
  /** Who it is, for the audit: `tenant/user`. */
  readonly by: string;
}

export const TokenDesk = token<TokenDesk>('TokenDesk');
