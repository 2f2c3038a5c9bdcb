import type { DeviceId } from '../../domain/identity/device-identity.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import { token } from '../token.ts';

/**
 * Where messages for the devices that are connected to this process are handed in, whoever sends them.
 *
 * - A device has one inbox: opening a second takes the place of the first, whose closing then does nothing.
 * - Devices of one id in two tenants never touch each other.
 * - A watcher hears of every inbox that is open already, then of each that opens or closes, at once; of one that takes another's place, nothing.
 * - A watcher that throws does not keep a device from opening its inbox, nor another watcher from hearing of it.
 * - Messages reach the inbox in the order in which they were handed in, before `deliver` returns its promise, which never rejects.
 */
export interface DeviceInboxes {
  /** The inbox is open until what is returned is called; calling it twice does nothing. */
  open(device: Addressee, take: (message: MessageToDevice) => Promise<Delivery>): () => void;
  /** Hands the message to the device's connection. A device without one, and one that nobody knows, have no session alike. */
  deliver(to: Addressee, message: MessageToDevice): Promise<Delivery>;
  /** Until what is returned is called. */
  watch(watcher: InboxWatcher): () => void;
}

export interface Addressee {
  readonly tenant: TenantId;
  readonly device: DeviceId;
}

export interface MessageToDevice {
  /** Of the wire format, such as `s/ds`. */
  readonly topic: string;
  readonly payload: Uint8Array;
}

/**
 * What became of a message. `acknowledged`: the device, which listens in QoS 1 or 2, has said that it has it. `sent`: it listens in QoS 0,
 * and nobody knows. `not-acknowledged`: it was sent, and the connection ended before the device said anything, or the device said no.
 * All others were not sent: `busy` is a device that has not read or acknowledged enough of what it was sent before.
 */
export type Delivery = 'acknowledged' | 'sent' | 'not-acknowledged' | 'no-session' | 'not-subscribed' | 'no-such-topic' | 'too-large' | 'busy';

export interface InboxWatcher {
  opened(device: Addressee): void;
  closed(device: Addressee): void;
}

export const DeviceInboxes = token<DeviceInboxes>('DeviceInboxes');
