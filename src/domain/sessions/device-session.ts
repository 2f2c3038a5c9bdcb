import type { Fingerprint, Thumbprint } from '../certificates/certificate.ts';
import type { DeviceId } from '../identity/device-identity.ts';
import type { RevocableCertificate } from '../revocation/revocation.ts';
import type { RestsOn } from '../revocation/standing-by-lists.ts';
import type { TenantId } from '../trust/tenant.ts';

/** A device that was let in, and by what. A token for it rests on all of this. */
export interface AdmittedDevice {
  readonly tenant: TenantId;
  readonly device: DeviceId;
  readonly leaf: Thumbprint;
  /** End of the validity of the leaf: no token outlives it. */
  readonly notAfter: Date;
  /** This tenant's anchors through which a path held at the time of connection; never empty. Withdrawing one ends the session. */
  readonly anchors: readonly Fingerprint[];
  /** The certificates below the anchor, leaf first, of the path that let it in. Revoking one ends the session (D-41). */
  readonly path: readonly RevocableCertificate[];
  /** `rulesMark` of what the tenant enforced when it was judged; absent where that was nothing (D-55). */
  readonly rules?: string;
}

/** One admitted connection of one device. It dies with the connection (D-15). */
export interface DeviceSession extends AdmittedDevice {
  /** Unique over the life of the process. */
  readonly id: string;
  /** Where the tenant asks lists or responders: when these grow too old, the session ends (D-54). */
  readonly rests?: RestsOn;
}

/** Why a session that the device did not end was ended. */
export type SessionEnd =
  | 'taken-over'
  | 'anchor-withdrawn'
  | 'certificate-revoked'
  | 'standing-outdated'
  | 'rules-not-met'
  | 'device-removed'
  | 'device-blocked'
  | 'tenant-suspended'
  | 'server-shutting-down';
