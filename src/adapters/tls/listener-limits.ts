import type { AllowanceLimits } from './address-allowance.ts';
import type { GateLimits } from './handshake-gate.ts';

export interface ListenerLimits {
  readonly gate: GateLimits;
  readonly allowance: AllowanceLimits;
  /** From accept to the end of the handshake, waiting included. */
  readonly handshakeTimeoutMs: number;
}

/** What an operator does not set. A whole fleet behind one address (a factory, a load balancer) still gets in at 200 a second. */
export const ALLOWANCE: AllowanceLimits = { perSecond: 200, burst: 2_000, addresses: 10_000 };

/** Room for a storm of some thousand, and a lease of more than a round trip over a mobile network. */
const ROOM = { waiting: 4_096, stalled: 1_024, leaseMs: 250 };

export const listenerLimits = (settings: {
  readonly handshakesInFlight: number;
  readonly handshakesPerAddress: number;
  readonly handshakeTimeoutMs: number;
}): ListenerLimits => ({
  gate: { ...ROOM, inFlight: settings.handshakesInFlight, perAddress: settings.handshakesPerAddress },
  allowance: ALLOWANCE,
  handshakeTimeoutMs: settings.handshakeTimeoutMs,
});
