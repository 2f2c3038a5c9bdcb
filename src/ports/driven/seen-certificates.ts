import type { Fingerprint, Thumbprint } from '../../domain/certificates/certificate.ts';
import type { NameKey } from '../../domain/certificates/distinguished-name.ts';
import type { DeviceId } from '../../domain/identity/device-identity.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import { token } from '../token.ts';

/**
 * Remembers with which certificates each device was last let in (wire-contract §1.9).
 *
 * - Of a device the `MOST_SEEN` seen last are kept, each once; the others are forgotten by the write that is one too many.
 * - A resolved write is durable, and every read after it sees it. A rejected promise means the store is out of order.
 */
export interface SeenCertificates {
  /** Adds the certificate, or moves its `lastSeen` if that is later, and adds fingerprint and issuer where they were not known. */
  remember(seen: SeenCertificate): Promise<void>;
  /** The one seen last comes first. */
  of(tenant: TenantId, device: DeviceId): Promise<readonly SeenCertificate[]>;
  /** The one with this print that a device of the tenant was let in with. */
  find(tenant: TenantId, print: Fingerprint | Thumbprint): Promise<SeenCertificate | undefined>;
  forget(tenant: TenantId, device: DeviceId): Promise<void>;
}

export const MOST_SEEN = 5;

export interface SeenCertificate {
  readonly tenant: TenantId;
  readonly device: DeviceId;
  readonly thumbprint: Thumbprint;
  /** These two are empty for certificates that were remembered before they were. */
  readonly fingerprint: Fingerprint | '';
  readonly issuer: NameKey | '';
  /** As in `Certificate`: hex in lower case. */
  readonly serialNumber: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly lastSeen: Date;
}

export const SeenCertificates = token<SeenCertificates>('SeenCertificates');
