import type { DeviceId } from '../identity/device-identity.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { RefusalOf } from '../shared/refusal-of.ts';
import type { TenantId } from '../trust/tenant.ts';

interface Sessions {
  countOf(tenant: TenantId): number;
  hasDevice(tenant: TenantId, device: DeviceId): boolean;
}

/** Whether the tenant may have one session more; a device that has one in this process takes its own over (D-15), and needs no room. */
export function sessionRoom(sessions: Sessions, tenant: TenantId, device: DeviceId, most: number): Decision<true, RefusalOf<'tenant.too-many-sessions'>> {
  if (sessions.countOf(tenant) < most || sessions.hasDevice(tenant, device)) return grant(true);
  return refuse({ code: 'tenant.too-many-sessions', evidence: { most, seconds: 60 } });
}
