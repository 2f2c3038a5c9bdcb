import type { Certificate } from '../certificates/certificate.ts';
import type { TenantId } from './tenant.ts';

/** A CA certificate (or a device's own, D-3) that a tenant trusts. */
export interface TrustAnchor {
  readonly tenant: TenantId;
  readonly certificate: Certificate;
  /** The uploader's name for it; empty when none was given. */
  readonly name: string;
  readonly status: 'enabled' | 'disabled';
  readonly autoRegistration: boolean;
  /** D-6: stored, but no device gets in by it until its uploader proves possession of the key. */
  readonly inert: boolean;
  readonly possessionProven: boolean;
  /** What the holder of the key signs to prove it (D-25); absent where none was issued. */
  readonly possessionCode?: PossessionCode;
  readonly addedAt: Date;
  /** When it was disabled last, as far as that is known; it may be enabled again since. */
  readonly lastDisabledAt?: Date;
}

export interface PossessionCode {
  /** It is this text that is signed. */
  readonly text: string;
  readonly usableUntil: Date;
}

/** Whether a path may end here (D-4, D-6). Validity and the rest are rows of the path rules. */
export const isInForce = (anchor: TrustAnchor): boolean => anchor.status === 'enabled' && !anchor.inert;
