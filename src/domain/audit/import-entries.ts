import type { Device } from '../registration/device.ts';
import { auditEntry, type AuditEntry } from './audit-entry.ts';

/** Characters of ids in one entry: 1,000 short ones or some forty of the longest. */
const ROOM = 10_000;

/**
 * What is said of devices that a file registers, or whose details it replaces, in one write: as few entries as hold all of their ids. One
 * entry each would make a file of a million rows half as fast.
 */
export function importEntries(devices: readonly Device[], by: string, at: Date): readonly AuditEntry[] {
  const parts = new Map<string, { readonly tenant: string; readonly ids: string[]; room: number }[]>();
  for (const { tenant, id } of devices) {
    const ofTenant = parts.get(tenant) ?? [];
    parts.set(tenant, ofTenant);
    const last = ofTenant.at(-1);
    const cost = id.length + 3;
    if (last && last.room >= cost && last.ids.length < 1_000) {
      last.ids.push(id);
      last.room -= cost;
    } else ofTenant.push({ tenant, ids: [id], room: ROOM - cost });
  }
  return [...parts.values()].flat().map(({ tenant, ids }) => {
    const subject = ids.length === 1 ? ids[0]! : `${ids.length} devices`;
    return auditEntry({ what: 'devices.imported', tenant, by, subject }, at, { after: { devices: ids } });
  });
}
