import type { Thumbprint } from '../../domain/certificates/certificate.ts';
import type { DeviceId } from '../../domain/identity/device-identity.ts';
import type { Way } from '../../domain/impact/way.ts';
import type { RevocableCertificate } from '../../domain/revocation/revocation.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import { token } from '../token.ts';

/**
 * Remembers by which CAs each device was let in last (D-49).
 *
 * - Of a device the last sight is kept; one that is older than what is there changes nothing.
 * - A resolved write is durable, and every read after it sees it. A rejected promise means the store is out of order.
 * - `chain` is kept for `withChain` and `listWithChains` alone: of the other answers it is no part. A sight without one leaves none.
 * - Between two pages of `listOf` or `listWithChains` other work gets its turn, however many are asked for at once: whoever goes
 *   through a whole fleet holds up no device.
 */
export interface SeenPaths {
  remember(path: SeenPath): Promise<void>;
  of(tenant: TenantId, device: DeviceId): Promise<SeenPath | undefined>;
  /** The same, with the chain where that is known. */
  withChain(tenant: TenantId, device: DeviceId): Promise<SeenPath | undefined>;
  /** By id in the order of its UTF-16 code units or bytes (either, but always the same), those after `after`; at most `limit`. */
  listOf(tenant: TenantId, after: DeviceId | undefined, limit: number): Promise<readonly SeenPath[]>;
  /** The same, with the chains that are known: they are several times as large as the rest. */
  listWithChains(tenant: TenantId, after: DeviceId | undefined, limit: number): Promise<readonly SeenPath[]>;
  forget(tenant: TenantId, device: DeviceId): Promise<void>;
}

export interface SeenPath {
  readonly tenant: TenantId;
  readonly device: DeviceId;
  /** Of the device's own certificate. */
  readonly thumbprint: Thumbprint;
  readonly notAfter: Date;
  readonly ways: readonly Way[];
  /** Exact to a day. */
  readonly lastSeen: Date;
  /** When it was seen before that, at least a day earlier, where that is known. */
  readonly seenBefore?: Date;
  /** The device's own certificate, then those between it and its anchors, each once. Absent where they are not known. */
  readonly chain?: readonly SeenLink[];
}

/** One certificate: by what a revocation names it, and its DER. */
export interface SeenLink extends RevocableCertificate {
  readonly der: Uint8Array;
}

export const SeenPaths = token<SeenPaths>('SeenPaths');
