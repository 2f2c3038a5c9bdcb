import type { Fingerprint } from '../certificates/certificate.ts';
import type { DeviceId } from '../identity/device-identity.ts';
import type { TenantId } from '../trust/tenant.ts';
import { isInForce } from '../trust/trust-anchor.ts';
import type { DeviceRegistry } from '../../ports/driven/device-registry.ts';
import type { TenantDirectory } from '../../ports/driven/tenant-directory.ts';
import type { TrustAnchorStore } from '../../ports/driven/trust-anchor-store.ts';
import { endSessionsAgainstRules, type SessionsByRulesNeeds } from './meets-rules.ts';
import { endRevokedSessions, type EndRevokedSessionsNeeds } from './end-revoked-sessions.ts';

export interface EndUntrustedSessionsNeeds extends EndRevokedSessionsNeeds, SessionsByRulesNeeds {
  readonly tenants: TenantDirectory;
  readonly anchors: TrustAnchorStore;
  readonly devices: DeviceRegistry;
}

/** Devices and anchors asked about between two turns of everybody else. */
const AT_ONCE = 50;

/** Ends the sessions that came by this anchor, if it is not in force now. Returns how many, as all below. */
export async function endByAnchorNow({ anchors, sessions }: EndUntrustedSessionsNeeds, tenant: TenantId, fingerprint: Fingerprint): Promise<number> {
  const anchor = await anchors.find(tenant, fingerprint);
  return anchor && isInForce(anchor) ? 0 : sessions.endByAnchor(tenant, fingerprint);
}

/** Ends the device's session, if the device is gone or blocked now. */
export async function endByDeviceNow({ devices, sessions }: EndUntrustedSessionsNeeds, tenant: TenantId, id: DeviceId): Promise<number> {
  const device = await devices.find(tenant, id);
  if (!device) return sessions.endByDevice(tenant, id);
  return device.block ? sessions.endByDevice(tenant, id, 'device-blocked') : 0;
}

/** Ends all sessions of the tenant, if it is not active now. */
export async function endByTenantNow({ tenants, sessions }: EndUntrustedSessionsNeeds, id: TenantId): Promise<number> {
  const tenant = await tenants.find(id);
  return tenant?.status === 'active' ? 0 : sessions.endByTenant(id);
}

/** Ends every session of the tenant that would not be let in now, whatever it was that changed. It takes turns with everybody else. */
export async function endUntrustedSessions(needs: EndUntrustedSessionsNeeds, tenant: TenantId): Promise<number> {
  const open = needs.sessions.openOf(tenant);
  if (open.length === 0) return 0;
  let ended = await endByTenantNow(needs, tenant);
  const anchors = [...new Set(open.flatMap((session) => session.anchors))];
  const devices = [...new Set(open.map(({ device }) => device))];
  const questions = [...anchors.map((anchor) => () => endByAnchorNow(needs, tenant, anchor)), ...devices.map((device) => () => endByDeviceNow(needs, tenant, device))];
  for (const [i, ask] of questions.entries()) {
    ended += await ask();
    if (i % AT_ONCE === AT_ONCE - 1) await needs.pause();
  }
  return ended + (await endRevokedSessions(needs, tenant)) + (await endSessionsAgainstRules(needs, tenant));
}
