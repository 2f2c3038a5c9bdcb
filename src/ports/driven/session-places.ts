import type { Fingerprint } from '../../domain/certificates/certificate.ts';
import type { DeviceId } from '../../domain/identity/device-identity.ts';
import type { DeviceSession } from '../../domain/sessions/device-session.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import { token } from '../token.ts';

/** As much of a session as others need to know. */
export type PlacedSession = Pick<DeviceSession, 'id' | 'tenant' | 'device' | 'anchors'>;

/** A session that its holder has to end. */
export interface TakenSession {
  readonly tenant: TenantId;
  readonly device: DeviceId;
  readonly id: DeviceSession['id'];
}

export interface OpenSession {
  readonly device: DeviceId;
  readonly anchors: readonly Fingerprint[];
}

/** Sessions that are put together or not at all. */
export const MOST_PLACES_AT_ONCE = 200;

/**
 * Which process holds the session of which device, where several serve one fleet (D-65). A holder is one life of one process: its name comes never again.
 *
 * - A device has one place: of `put`s that race, the one that is committed last has it, and the holder of each other one is told by `taken`.
 * - What is told stays until it is `settled`, so that nothing is lost with a connection.
 * - It is advice for processes, and no leave for devices: a session is open where its connection is.
 * - A rejected promise means the store is out of order; removing and settling again is harmless. Of `MOST_PLACES_AT_ONCE` sessions or fewer none was put then:
 *   one that was put is not put again, for it would take the place from one that came to another holder since.
 */
export interface SessionPlaces {
  put(holder: string, sessions: readonly PlacedSession[]): Promise<void>;
  /** Puts what has no place yet, and tells which of them others hold: for a holder that was taken for dead. */
  claim(holder: string, sessions: readonly PlacedSession[]): Promise<readonly TakenSession[]>;
  /** Sessions that are gone. What others hold now stays. */
  remove(holder: string, sessions: readonly TakenSession[]): Promise<void>;
  taken(holder: string): Promise<readonly TakenSession[]>;
  settled(holder: string, sessions: readonly TakenSession[]): Promise<void>;
  /** Forgets what holders had whose life (`lifeOf`) is no lease any more. */
  tidy(): Promise<void>;
  /** Of one tenant, on whichever process, in no promised order. */
  openOf(tenant: TenantId): Promise<readonly OpenSession[]>;
}

export const SessionPlaces = token<SessionPlaces>('SessionPlaces');
