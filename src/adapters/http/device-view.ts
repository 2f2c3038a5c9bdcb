import { userNameOf } from '../../domain/identity/device-identity.ts';
import type { Device } from '../../domain/registration/device.ts';
import { SEEN_CERTIFICATE } from './device-user-view.ts';
import { list, record, TEXT, TIME } from './openapi/schemas.ts';

/** The schema of what `deviceView` makes. */
const members = {
  ...{ id: TEXT, userName: TEXT, registeredBy: TEXT, registeredAt: TIME, details: { type: 'object', additionalProperties: TEXT } },
  block: record({ reason: TEXT, by: TEXT, at: TIME }),
};
export const DEVICE = { title: 'Device', ...record(members, { optional: ['block'] }) };

/** The same, with the certificates it came with last. */
export const DEVICE_SEEN = {
  title: 'DeviceSeen',
  ...record({ ...members, certificates: { ...list(SEEN_CERTIFICATE), maxItems: 5 } }, { optional: ['block'] }),
};

/** A device as its tenant's administrators see it. */
export const deviceView = ({ id, registeredBy, registeredAt, details, block }: Device): object => ({
  id,
  userName: userNameOf(id),
  registeredBy,
  registeredAt: registeredAt.toISOString(),
  details,
  ...(block && { block: { reason: block.reason, by: block.by, at: block.at.toISOString() } }),
});
