/** A device id that holds every rule of D-8. Made by `parseDeviceId` only. */
export type DeviceId = string & { readonly __brand: 'DeviceId' };

/** The user name a device acts under: `device_<id>`. */
export const userNameOf = (device: DeviceId): string => `device_${device}`;
