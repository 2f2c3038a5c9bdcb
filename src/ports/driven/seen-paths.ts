import type { Thumbprint } from '../../domain/certificates/certificate.ts';
import type { DeviceId } from '../../domain/identity/device-identity.ts';
import type { Way } from '../../domain/impact/way.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import { token } from '../token.ts';

/**
 * Remembers by which CAs each device was let in last (D-49).
 *
 * - Of a device the last sight is kept; one that is older than what is there changes nothing.
 * - A resolved write is durable, and every read after it sees it. A rejected promise means the store is out of order.
 * - Between two pages of `listOf` other work gets its turn, however many are asked for at once: whoever goes through a whole fleet holds
 *   up no device.
 */
export interface SeenPaths {
  remember(path: SeenPath): Promise<void>;
  of(tenant: TenantId, device: DeviceId): Promise<SeenPath | undefined>;
  /** By id in the order of its UTF-16 code units or bytes (either, but always the same), those after `after`; at most `limit`. */
  listOf(tenant: TenantId, after: DeviceId | undefined, limit: number): Promise<readonly SeenPath[]>;
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
}

export const SeenPaths = token<SeenPaths>('SeenPaths');
