import { userNameOf } from '../../domain/identity/device-identity.ts';
import type { Device } from '../../domain/registration/device.ts';
import { record, TEXT, TIME } from './openapi/schemas.ts';

/** The schema of what `deviceView` makes. */
export const DEVICE = {
  title: 'Device',
  ...record(
    {
      ...{ id: TEXT, userName: TEXT, registeredBy: TEXT, registeredAt: TIME, details: { type: 'object', additionalProperties: TEXT } },
      block: record({ reason: TEXT, by: TEXT, at: TIME }),
    },
    { optional: ['block'] },
  ),
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
