import type { Fragments } from './managed-object.ts';

/** What a device is called and is where it does not say itself (wire-contract §2.4). */
export const defaultName = (serial: string): string => `MQTT Device ${serial}`;
export const DEFAULT_TYPE = 'c8y_MQTTDevice';

/** What makes an object a device in every list and page of the compatible world. */
export const DEVICE_FRAGMENTS: Fragments = { c8y_IsDevice: {} };
/** A device that speaks for itself and for its children. */
export const AGENT_FRAGMENTS: Fragments = { ...DEVICE_FRAGMENTS, com_cumulocity_model_Agent: {} };
