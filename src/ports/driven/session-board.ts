import type { Fingerprint } from '../../domain/certificates/certificate.ts';
import type { DeviceId } from '../../domain/identity/device-identity.ts';
import type { RevocableCertificate } from '../../domain/revocation/revocation.ts';
import type { DeviceSession, SessionEnd } from '../../domain/sessions/device-session.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import { token } from '../token.ts';
import type { OpenSession } from './session-places.ts';

/**
 * Knows the live sessions of this process and ends them.
 *
 * - A device has one session: opening a second ends the first as `taken-over` before `open` returns (D-15).
 * - `end` callbacks are called once at most, synchronously, and never after `close`. One that throws does not keep others from being called.
 * - Devices of one id in two tenants never touch each other.
 * - Synchronous: between a look and a change of the board nothing else happens.
 */
export interface SessionBoard {
  open(session: DeviceSession, end: (why: SessionEnd) => void): void;
  /** The connection is gone. Closing a session that was ended or never opened does nothing. */
  close(id: DeviceSession['id']): void;
  isOpen(id: DeviceSession['id']): boolean;

  /** Each ends what it names and returns how many sessions that were. A device is `device-removed` unless told otherwise. */
  endByAnchor(tenant: TenantId, anchor: Fingerprint): number;
  endByDevice(tenant: TenantId, device: DeviceId, why?: Extract<SessionEnd, 'device-removed' | 'device-blocked' | 'standing-outdated'>): number;
  /** Those of the tenant that were admitted by a path with such a certificate on it. */
  endByCertificate(tenant: TenantId, isRevoked: (certificate: RevocableCertificate) => boolean): number;
  /** Those of the tenant that do not meet what it asks of certificates now (D-55). */
  endByRules(tenant: TenantId, isAgainst: (session: DeviceSession) => boolean): number;
  endByTenant(tenant: TenantId): number;
  endAll(): number;
  /** Ends the session as `taken-over`, because its device came to another process. Says whether it was open. */
  endTaken(id: DeviceSession['id']): boolean;

  /** Those of one tenant that are open now, in no promised order. */
  openOf(tenant: TenantId): readonly DeviceSession[];
  /** Those of one tenant on all processes that serve the same fleet; what others opened in the last moment may be missing. Rejects where the store is out of order. */
  everywhere(tenant: TenantId): Promise<readonly OpenSession[]>;

  /** How many are open now: of all, of one tenant, of one device. */
  count(): number;
  countOf(tenant: TenantId): number;
  hasDevice(tenant: TenantId, device: DeviceId): boolean;
}

export const SessionBoard = token<SessionBoard>('SessionBoard');

/** The sessions of this process alone: what `SessionBoard` is made of. */
export const LocalSessions = token<SessionBoard>('LocalSessions');
