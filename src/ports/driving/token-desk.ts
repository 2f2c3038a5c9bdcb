import type { Principal } from '../../domain/access/administrator.ts';
import type { Thumbprint } from '../../domain/certificates/certificate.ts';
import type { Refusal } from '../../domain/refusal.ts';
import type { AdmittedDevice, DeviceSession } from '../../domain/sessions/device-session.ts';
import type { Decision } from '../../domain/shared/decision.ts';
import { token } from '../token.ts';

/**
 * Hands out device tokens and recognises them again.
 *
 * - All ask the live state each time: a withdrawn anchor, a removed device or a suspended tenant refuses at once (D-14).
 * - After a trust change was acknowledged, neither `issue` nor `issueTo` gives a fresh token against it.
 */
export interface TokenDesk {
  /** A compact JWS. The same one until half of its lifetime has passed (D-12). */
  issue(session: DeviceSession): Promise<Decision<string, Refusal>>;
  /** The same for a device that was let in without a session (`DeviceGate.admit`). */
  issueTo(device: AdmittedDevice): Promise<Decision<string, Refusal>>;
  /** Whose token is this, and does it still count here? Where its bearer showed a certificate, the token must be bound to that one (RFC 8705 §3). */
  recognise(jwt: string, shown?: Thumbprint): Promise<Decision<Extract<Principal, { kind: 'device' }>, Refusal>>;
}

export const TokenDesk = token<TokenDesk>('TokenDesk');
