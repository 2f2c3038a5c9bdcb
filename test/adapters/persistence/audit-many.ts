/** A Fleetgate reduced to its audit: registers 100 devices, blocks one again and again, and ends. */
import { auditEntry } from '../../../src/domain/audit/audit-entry.ts';
import { aDevice, aDeviceId, NOW } from '../../support/certificate-builders.ts';
import { storesOn } from './open-stores.ts';

const [file, name] = process.argv.slice(2) as [string, string];
const { devices, db } = storesOn({ file });
await Promise.all(
  Array.from({ length: 100 }, async (_, i) => {
    const device = aDevice({ id: aDeviceId(`${name}-${i}`) });
    await devices.register(device, [auditEntry({ what: 'device.registered', tenant: device.tenant, by: name, subject: device.id }, NOW)]);
    await devices.setBlock(device.tenant, device.id, undefined, [auditEntry({ what: 'device.unblocked', tenant: device.tenant, by: name, subject: device.id }, NOW)]);
  }),
);
await db.close();
