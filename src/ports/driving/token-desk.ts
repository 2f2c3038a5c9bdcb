import type { Principal } from '../../domain/access/administrator.ts';
import type { Refusal } from '../../domain/refusal.ts';
import type { DeviceSession } from '../../domain/sessions/device-session.ts';
import type { Decision } from '../../domain/shared/decision.ts';
import { token } from '../token.ts';

/**
 * Hands out device tokens and recognises them again.
 *
 * - Both ask the live state each time: a withdrawn anchor, a removed device or a suspended tenant refuses at once (D-14).
 * - After a trust change was acknowledged, `issue` gives no fresh token against it.
 */
export interface TokenDesk {
  /** A compact JWS. The same one until half of its lifetime has passed (D-12). */
  issue(session: DeviceSession): Promise<Decision<string, Refusal>>;
  /** Whose token is this, and does it still count here? */
  recognise(jwt: string): Promise<Decision<Extract<Principal, { kind: 'device' }>, Refusal>>;
}

export const TokenDesk = token<TokenDesk>('TokenDesk');
