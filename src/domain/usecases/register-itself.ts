import { auditEntry } from '../audit/audit-entry.ts';
import { deviceFacts } from '../audit/facts.ts';
import type { Caps } from '../overload/caps.ts';
import { overQuota, quotasFor, type NewDeviceQuota } from '../overload/new-device-quota.ts';
import { sessionRoom } from '../overload/session-room.ts';
import type { DeviceId } from '../identity/device-identity.ts';
import type { Device } from '../registration/device.ts';
import { grant, type Decision } from '../shared/decision.ts';
import type { RefusalOf } from '../shared/refusal-of.ts';
import type { TenantId } from '../trust/tenant.ts';
import type { TrustAnchor } from '../trust/trust-anchor.ts';
import type { AuditLog } from '../../ports/driven/audit-log.ts';
import type { DeviceRegistry } from '../../ports/driven/device-registry.ts';
import type { TenantDirectory } from '../../ports/driven/tenant-directory.ts';
import type { Board } from './judged-connect.ts';

export interface RegisterItselfNeeds {
  readonly devices: DeviceRegistry;
  readonly tenants: TenantDirectory;
  readonly audit: AuditLog;
  readonly caps: Caps;
}

interface Newcomer {
  readonly tenant: TenantId;
  readonly id: DeviceId;
  readonly at: Date;
  /** Those of its tenant on paths that hold. */
  readonly anchors: readonly TrustAnchor[];
  readonly from: string;
  readonly board: Board;
}

/** Registers devices on their first connection, durably, as many as their CA and their tenant may bring in an hour (REQ-8, A04). */
export class RegisterItself {
  readonly #needs: RegisterItselfNeeds;
  /** The hour for which an operator was told last that a quota is full. */
  readonly #told = new Map<string, number>();

  constructor(needs: RegisterItselfNeeds) {
    this.#needs = needs;
  }

  /** Whether it is new; another connection of the same device may have been faster (A03). Its record goes the same way to the disk. */
  async register({ tenant, id, at, anchors, from, board }: Newcomer): Promise<Decision<boolean, RefusalOf<'registration.over-quota' | 'tenant.too-many-sessions'>>> {
    const { devices, tenants, caps } = this.#needs;
    const room = sessionRoom(board, tenant, id, caps.sessionsPerTenant);
    if (!room.granted) return room; // who gets no session is not registered either
    const device: Device = { tenant, id, registeredBy: 'auto', registeredAt: at, details: {} };
    const said = { what: 'device.registered', tenant, by: `device_${id}`, subject: id };
    const entry = auditEntry(said, at, { after: { ...deviceFacts(device), from } });
    const option = await tenants.option(tenant, 'fleetgate', 'new-devices.per-hour');
    const quotas = quotasFor({ anchors, option, perTenant: caps.newDevicesPerTenant, at });
    const answer = await devices.register(device, [entry], quotas);
    if (typeof answer === 'string') return grant(answer === 'registered');
    this.#alarm(tenant, answer.over);
    return overQuota(answer.over, at);
  }

  /** Once an hour for each quota: the refusals themselves are counted anyway. */
  #alarm(tenant: TenantId, { of, hour }: NewDeviceQuota): void {
    const key = JSON.stringify([tenant, of]);
    if (this.#told.get(key) === hour) return;
    this.#told.set(key, hour);
    this.#needs.audit.record({ what: 'registration.quota-full', tenant, by: 'fleetgate', subject: of });
  }
}
