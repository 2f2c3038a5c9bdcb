import type { Certificate } from '../../domain/certificates/certificate.ts';
import type { TrustedPath } from '../../domain/certificates/judge-paths.ts';
import type { DeviceId } from '../../domain/identity/device-identity.ts';
import type { Way } from '../../domain/impact/way.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { SeenCertificate } from '../driven/seen-certificates.ts';
import { token } from '../token.ts';

/** Knows with which certificates devices were let in (wire-contract §1.9, D-36), and on which ways (D-49). */
export interface CertificateDesk {
  /** Called for each admission; `paths` are those that the ways are made of. Returns at once, never throws, and writes only what is news: the device does not wait for it, and may be told before it is durable. */
  saw(tenant: TenantId, device: DeviceId, leaf: Certificate, ways: readonly Way[], paths?: readonly TrustedPath[]): void;
  /** The last five, the one seen last first. `lastSeen` is exact to a day. */
  seenOf(tenant: TenantId, device: DeviceId): Promise<readonly SeenCertificate[]>;
  /** Forgets what is kept in mind of the device here; what is written down stays. For a device that another process removed or changed. */
  unlearn(tenant: TenantId, device: DeviceId): void;
  forget(tenant: TenantId, device: DeviceId): Promise<void>;
}

export const CertificateDesk = token<CertificateDesk>('CertificateDesk');
