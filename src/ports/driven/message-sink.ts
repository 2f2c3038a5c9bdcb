import type { DeviceId } from '../../domain/identity/device-identity.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import { token } from '../token.ts';

/**
 * Takes what devices publish on upstream topics, and their wills.
 *
 * - A message is acknowledged to the device only after `accept` resolved: resolve when it is as safe as the adapter promises.
 * - `full` means "not taken, because too much waits already": the device is told so, and nothing of the message is kept. Never slow, never a rejection.
 * - May be called for many devices at once; messages of one session are offered one after the other.
 * - A rejected promise means "not taken": the connection is closed, and the device sends it again.
 */
export interface MessageSink {
  accept(message: DeviceMessage): Promise<void | 'full'>;
}

export interface DeviceMessage {
  readonly tenant: TenantId;
  readonly device: DeviceId;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly isWill: boolean;
}

export const MessageSink = token<MessageSink>('MessageSink');
