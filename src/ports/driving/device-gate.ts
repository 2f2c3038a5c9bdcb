import type { ToldRefusal } from '../../domain/explanations/refusal-detail.ts';
import type { Refusal } from '../../domain/refusal.ts';
import type { AdmittedDevice, DeviceSession, SessionEnd } from '../../domain/sessions/device-session.ts';
import type { Decision } from '../../domain/shared/decision.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import { token } from '../token.ts';

/**
 * The door: may whoever showed this chain be here, and as whom?
 *
 * - A refusal is an answer, and is audited and kept here, with how much of it its tenant lets the device hear. A rejected promise means that Fleetgate is out of order: the device may try again.
 * - When it resolves with a session, the registration is durable, the session is on the board, and a former session of the device has ended.
 * - Nothing is written before a path to an anchor has held.
 */
export interface DeviceGate {
  connect(question: ConnectQuestion): Promise<Decision<Admission, ToldRefusal>>;
  /**
   * The same judgement for one request that is no connection of its own, such as a device token over mutual TLS: a device that
   * registers itself is registered, but no session is opened, and a live one of the device goes on.
   */
  admit(question: AdmitQuestion): Promise<Decision<AdmittedDevice, ToldRefusal>>;
  /**
   * The verdict that `admit` would give now, and nothing else: nobody is registered, nothing is audited. Where `within` is given, as if only
   * that tenant trusted anybody; where `at` is given, as if it were that time.
   */
  examine(question: AdmitQuestion, within?: TenantId, at?: Date): Promise<Decision<AdmittedDevice, Refusal>>;
  /** The connection of an admitted session is gone. Safe to call twice. */
  disconnect(session: DeviceSession): void;
}

export interface AdmitQuestion {
  /** DER, the leaf first, each exactly as sent; empty when the peer showed none. */
  readonly chain: readonly Uint8Array[];
  /** All that the peer sent, where that is more than `chain`; dear to ask, so asked only where no path of `chain` holds. */
  readonly wholeChain?: () => readonly Uint8Array[] | undefined;
  /** Bytes the peer had sent when its handshake was done. */
  readonly handshakeBytes: number;
  readonly clientId: string;
  /** Whether the peer accepts an id that the server chose for an empty `clientId`. */
  readonly acceptsAssignedId: boolean;
  readonly userName?: string;
  /** TLS server name (SNI) as sent. */
  readonly serverName?: string;
  /** Address of the peer, for the audit. */
  readonly from: string;
  /** Names the peer's connection in the log. */
  readonly connection?: string;
}

export interface ConnectQuestion extends AdmitQuestion {
  /** Called at most once, if the session ends for a reason that is not the connection's own. It may be called before `connect` has resolved. */
  readonly end: (why: SessionEnd) => void;
}

export interface Admission {
  readonly session: DeviceSession;
  /** The client id that the peer goes by from now on, where it sent none. */
  readonly assignedClientId?: string;
  /** Whether this connection registered the device. */
  readonly registered: boolean;
}

export const DeviceGate = token<DeviceGate>('DeviceGate');
