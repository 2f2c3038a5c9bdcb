import type { AdmittedDevice } from '../../domain/sessions/device-session.ts';
import { token } from '../token.ts';

/**
 * What a device says of itself by SmartREST, kept as its managed object (wire-contract §5.4).
 *
 * - The object of a device is the one with its external id `c8y_Serial`; it belongs to the device's user.
 * - Every promise resolves when what it did is durable. A rejected promise means that the store is out of order.
 */
export interface DeviceObjectDesk {
  /** Makes the object and its external id together, once, however many calls race. An empty name or type takes its default (wire-contract §2.4). */
  introduce(device: Introduced, wish: { readonly name: string; readonly type: string }): Promise<'created' | 'already-there'>;
  /** Id of the object, undefined as long as there is none. */
  objectOf(device: Introduced): Promise<string | undefined>;
  /** `c8y_Serial` ids of the child devices, in no promised order; at most 1,000. */
  childrenOf(device: Introduced): Promise<readonly string[]>;
  /** Merges fragments into the object, each replaced as a whole; null takes one away. False where there is no object of the device, or what is to be kept breaks D-33. */
  setFragments(device: Introduced, fragments: Readonly<Record<string, unknown>>): Promise<boolean>;
}

type Introduced = Pick<AdmittedDevice, 'tenant' | 'device'>;

export const DeviceObjectDesk = token<DeviceObjectDesk>('DeviceObjectDesk');
